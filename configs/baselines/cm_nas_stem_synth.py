"""CM-NAS with a norm per modality in the stem, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.cm_nas_stem import *  # its model replaces HAResformer's

model.backbone.update(narrow)
model.head.update(in_channels=128)

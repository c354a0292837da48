"""G2DA, as described, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.g2da import *  # its model replaces HAResformer's

model.backbone.update(narrow)
model.head.update(in_channels=128)

"""MMN, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.mmn import *  # its model replaces HAResformer's

model.backbone.update(narrow)
# the 6 x 3 map gives stripes of 2, 2, 1 and 1 rows
model.head.update(in_channels=128)
model.criterion.losses.dcl.update(in_channels=128)

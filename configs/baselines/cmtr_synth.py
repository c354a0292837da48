"""CMTR, as described, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth_vit import *
    from .._base_.models.cmtr import *  # its model replaces HAResformer's

model.backbone.update(narrow_vit, stride=6)
model.head.update(in_channels=64)

"""TONE, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth_alexnet import *
    from .._base_.models.tone import *  # its model replaces HAResformer's

model.backbone.update(narrow_alexnet)
model.head.update(in_channels=256, channels=128)

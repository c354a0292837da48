"""ADCA, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.adca import *  # its model replaces HAResformer's

model.backbone.update(narrow, non_local=(0, 2, 2, 0))  # a stage of ResNet-18 has two blocks
model.head.update(in_channels=128)
custom_hooks[-1].update(partners)

"""MIP, narrow, on SynVI, with fewer prompts: an image has 105 patches, and 4 of each kind."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth_vit import *
    from .._base_.models.mip import *  # its model replaces HAResformer's

model.backbone.update(narrow_vit, stride=6, num_prompts=4, num_instance_prompts=4)
model.head.update(in_channels=64)

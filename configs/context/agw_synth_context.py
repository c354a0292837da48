"""AGW, narrow, from scratch, trained like the HAResformer in this folder."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth_context import *
    from .._base_.models.agw import *  # its model replaces HAResformer's

model.backbone.update(
    depth=18, base_channels=16, pretrained=None, non_local=(0, 2, 2, 0)
)  # a stage of ResNet-18 has two blocks
model.head.update(in_channels=128)

"""A CNN as large as the HAResformer that comes with haresreid, trained on the same people for as many steps."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_synth_shipped import *
    from ..pretrain.resnet18_synvi import model  # it replaces HAResformer's

model.backbone.update(base_channels=20)
model.head.update(in_channels=160)

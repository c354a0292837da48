"""Zero-padding, narrow, on SynVI."""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ._base_.synth import *
    from .._base_.models.zero_padding import *  # its model replaces HAResformer's

model.backbone.update(narrow)
model.head.update(in_channels=128)

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

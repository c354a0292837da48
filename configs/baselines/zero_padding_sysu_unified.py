"""Zero-padding on SYSU-MM01, trained as HAResformer is."""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ..haresformer_sysu import *
    from .._base_.models.zero_padding import *  # its model replaces HAResformer's

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

"""Zero-padding on RegDB, trained as HAResformer is. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.zero_padding import *  # its model replaces HAResformer's


for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

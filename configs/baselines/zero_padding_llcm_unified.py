"""Zero-padding on LLCM, trained as HAResformer is."""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.zero_padding import *  # its model replaces HAResformer's


for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

"""Zero-padding on SYSU-MM01: its network from memory of the paper, and AGW's recipe instead of its own in Caffe."""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .zero_padding_sysu_unified import model

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

"""Zero-padding on RegDB: its network from memory of the paper, and AGW's recipe instead of its own in Caffe.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

from haresreid.datasets import ZeroPadChannels

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .zero_padding_regdb_unified import model

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.pipeline.insert(-1, dict(type=ZeroPadChannels))

"""LbA on RegDB: its released code's recipe, which is AGW's without the crop.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .lba_regdb_unified import model

train_dataloader.dataset.update(pipeline=[load, resize, flip, normalize, pack])

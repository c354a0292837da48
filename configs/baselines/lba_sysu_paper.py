"""LbA on SYSU-MM01: its released code's recipe, which is AGW's without the crop."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .lba_sysu_unified import model

train_dataloader.dataset.update(pipeline=[load, resize, flip, normalize, pack])

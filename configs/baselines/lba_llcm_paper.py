"""LbA on LLCM: its released code's recipe, which is AGW's without the crop.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .lba_llcm_unified import model

train_dataloader.dataset.update(pipeline=[load, resize, flip, normalize, pack])

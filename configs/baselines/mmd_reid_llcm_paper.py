"""MMD-ReID on LLCM: its released code's recipe, which is AGW's for 61 epochs on 4 people, erasing (--aug) on.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .mmd_reid_llcm_unified import model

train_dataloader.sampler.update(num_ids=4)
train_dataloader.dataset.update(pipeline=[*agw_pipeline[:-1], erase, pack])
train_cfg.update(max_epochs=61)

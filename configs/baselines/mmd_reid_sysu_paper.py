"""MMD-ReID on SYSU-MM01: its released code's recipe, which is AGW's for 61 epochs on 4 people, erasing (--aug) on."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .mmd_reid_sysu_unified import model

train_dataloader.sampler.update(num_ids=4)
train_dataloader.dataset.pipeline.insert(-1, erase)
train_cfg.update(max_epochs=61)

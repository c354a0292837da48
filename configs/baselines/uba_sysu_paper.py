"""Unified batch-all triplet on SYSU-MM01, with random grey and AGW's recipe: its own was not found."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .uba_sysu_unified import model

train_dataloader.dataset.pipeline.insert(2, grey)

"""Unified batch-all triplet on LLCM, with random grey and AGW's recipe: its own was not found."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .uba_llcm_unified import model

train_dataloader.dataset.pipeline.insert(2, grey)

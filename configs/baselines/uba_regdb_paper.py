"""Unified batch-all triplet on RegDB, with random grey and AGW's recipe: its own was not found.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .uba_regdb_unified import model

train_dataloader.dataset.pipeline.insert(2, grey)

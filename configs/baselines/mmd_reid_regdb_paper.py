"""MMD-ReID on RegDB: its released code's recipe, which is AGW's for 61 epochs on 4 people, erasing (--aug) on.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .mmd_reid_regdb_unified import model

train_dataloader.sampler.update(num_ids=4)
train_dataloader.dataset.pipeline.insert(-1, erase)
train_cfg.update(max_epochs=61)

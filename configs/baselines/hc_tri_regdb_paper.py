"""HC-Tri on RegDB: its released code's recipe, which is AGW's for 61 epochs.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .hc_tri_regdb_unified import model

train_cfg.update(max_epochs=61)

"""AGW on RegDB: its released code's recipe. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .agw_regdb_unified import model

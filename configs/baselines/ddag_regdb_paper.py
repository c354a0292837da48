"""DDAG on RegDB: its released code's recipe, which is AGW's. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .ddag_regdb_unified import model

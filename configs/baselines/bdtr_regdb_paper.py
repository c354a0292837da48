"""BDTR on RegDB, with AGW's recipe and network instead of its own, which are AlexNet in TensorFlow 1.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .bdtr_regdb_unified import model

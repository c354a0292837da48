"""Two-stream CNN on RegDB: the method "base" of AGW's released code, with its recipe.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .two_stream_regdb_unified import model

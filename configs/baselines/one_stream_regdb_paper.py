"""One-stream CNN on RegDB: the method "base" of AGW's released code with one stem; it is not from a paper.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .one_stream_regdb_unified import model

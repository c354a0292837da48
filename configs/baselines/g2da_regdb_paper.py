"""G2DA, as described, on RegDB, with AGW's recipe: its own is not known.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_regdb import *
    from .g2da_regdb_unified import model

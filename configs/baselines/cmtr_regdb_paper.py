"""CMTR, as described, on RegDB, with TransReID's recipe: its own is not known.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .vit_regdb_paper import *
    from .._base_.models.cmtr import *

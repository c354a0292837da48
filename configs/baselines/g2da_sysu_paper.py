"""G2DA, as described, on SYSU-MM01, with AGW's recipe: its own is not known."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .g2da_sysu_unified import model

"""AGW on SYSU-MM01: its released code's recipe."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .agw_sysu_unified import model

"""HAT on SYSU-MM01, with AGW's recipe: its own was not found."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .hat_sysu_unified import model

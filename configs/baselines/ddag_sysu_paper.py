"""DDAG on SYSU-MM01: its released code's recipe, which is AGW's."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .ddag_sysu_unified import model

"""HAT on LLCM, with AGW's recipe: its own was not found."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .hat_llcm_unified import model

"""AGW on LLCM, by the recipe in LLCM's released code."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .agw_llcm_unified import model

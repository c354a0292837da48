"""AGW on LLCM: its released code's recipe.

Its paper does not use LLCM: the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .agw_llcm_unified import model

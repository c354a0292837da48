"""G2DA, as described, on LLCM, with AGW's recipe: its own is not known."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .g2da_llcm_unified import model

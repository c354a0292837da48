"""BDTR on LLCM, with AGW's recipe and network instead of its own, which are AlexNet in TensorFlow 1."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .bdtr_llcm_unified import model

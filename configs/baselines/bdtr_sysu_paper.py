"""BDTR on SYSU-MM01, with AGW's recipe and network instead of its own, which are AlexNet in TensorFlow 1."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .bdtr_sysu_unified import model

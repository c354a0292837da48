"""TVTR, as described, on LLCM, with TransReID's recipe: its own is not known."""

from mmengine.config import read_base

with read_base():
    from .vit_llcm_paper import *
    from .._base_.models.tvtr import *

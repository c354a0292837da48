"""CMTR, as described, on SYSU-MM01, with TransReID's recipe: its own is not known."""

from mmengine.config import read_base

with read_base():
    from .vit_sysu_paper import *
    from .._base_.models.cmtr import *

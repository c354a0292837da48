"""MIP on LLCM: its released code's recipe, TransReID's data with SGD for 80 epochs at 256 x 128.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from .vit_llcm_paper import *
    from .._base_.schedules.sgd_mip import *  # its names replace TransReID's schedule
    from .mip_llcm_unified import model

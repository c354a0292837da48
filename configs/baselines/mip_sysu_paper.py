"""MIP on SYSU-MM01: its released code's recipe, TransReID's data with SGD for 80 epochs at 256 x 128."""

from mmengine.config import read_base

with read_base():
    from .vit_sysu_paper import *
    from .._base_.schedules.sgd_mip import *  # its names replace TransReID's schedule
    from .mip_sysu_unified import model

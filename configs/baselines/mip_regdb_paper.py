"""MIP on RegDB: its released code's recipe, TransReID's data with SGD for 80 epochs at 256 x 128.

The settings are those for SYSU-MM01. One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .vit_regdb_paper import *
    from .._base_.schedules.sgd_mip import *  # its names replace TransReID's schedule
    from .mip_regdb_unified import model

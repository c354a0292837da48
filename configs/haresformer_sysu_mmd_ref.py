"""HAResformer on SYSU-MM01 with the rates of MMD-ReID's code: the paper's 0.01 may be that recipe's backbone rate."""

from mmengine.config import read_base

with read_base():
    from .haresformer_sysu import *
    from ._base_.schedules.sgd_mmd_ref import *  # its names replace the paper's schedule

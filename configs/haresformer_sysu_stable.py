"""HAResformer on SYSU-MM01: the paper's model with warm-up, clipped gradients and a lower rate for TE."""

from mmengine.config import read_base

with read_base():
    from .haresformer_sysu import *
    from ._base_.schedules.sgd_80e_stable import *  # its names replace the paper's schedule

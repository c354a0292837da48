"""HAResformer at full width on SynVI, with the warm-up and the clipped gradients of haresformer_sysu_stable.py."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth_wide import *
    from ._base_.schedules.sgd_80e_stable import *  # its names replace the paper's schedule

"""HAResformer at full width on SynVI, by the schedule of haresformer_sysu_stable.py."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth_wide import *
    from ._base_.schedules.sgd_80e_stable import *  # its names replace the paper's schedule

"""Shared by the ablations on SynVI, and Table IV, row 6: the default run, cut to eight epochs.

It starts from scratch, so that RE and TE learn together: from a trained RE, TE would stand idle.
"""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth import *

param_scheduler[0].update(end=1)
param_scheduler[1].update(begin=1, end=8)
train_cfg.update(max_epochs=8, val_interval=8)

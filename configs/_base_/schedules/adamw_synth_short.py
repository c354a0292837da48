"""SynVI, from start weights: five epochs at a quarter of the rate and one evaluation, for tables of many trainings."""

from mmengine.config import read_base

with read_base():
    from .adamw_synth import *

optim_wrapper.optimizer.update(lr=1e-3)
param_scheduler[0].update(end=1)
param_scheduler[1].update(begin=1, end=5)
train_cfg.update(max_epochs=5, val_interval=5)

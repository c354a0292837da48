"""DEEN's released recipe: AGW's, with the second step of the learning rate after epoch 80, and 151 epochs."""

from mmengine.config import read_base

with read_base():
    from .sgd_agw import *

param_scheduler[1].update(milestones=[20, 80])
train_cfg.update(max_epochs=151)

"""The recipe of HC's released code: AGW's at a tenth of its rates, without warm-up, steps after epochs 30 and 60.

The released code's loop counts epochs from 0 to 60, so the second step only affects the last epoch. In its first
release, four of the six stripes and the classifiers were not updated, a mistake that was fixed in 2020.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR

with read_base():
    from .sgd_agw import *

optim_wrapper.optimizer.update(lr=0.001)
param_scheduler = [dict(type=MultiStepLR, milestones=[30, 60], gamma=0.1, by_epoch=True)]
train_cfg.update(max_epochs=61)

"""The recipe of HC's released code: AGW's at a tenth of its rates, 60 epochs, without warm-up, one step after epoch 30.

That code takes the step for the backbone and two of the six stripes only, by a slip; here all layers take it.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR

with read_base():
    from .sgd_agw import *

optim_wrapper.optimizer.update(lr=0.001)
param_scheduler = [dict(type=MultiStepLR, milestones=[30], gamma=0.1, by_epoch=True)]
train_cfg.update(max_epochs=60)

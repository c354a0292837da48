"""The schedule of PGM's released log: two stages of 50 epochs, each with steps of 0.1 after 20 and 40 epochs.

The second stage, in which clusters have partners, begins at the first one's learning rate.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR
from torch.optim import Adam

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=Adam, lr=3.5e-4, weight_decay=5e-4, fused=True)
param_scheduler = [
    dict(type=MultiStepLR, milestones=[20, 40, 70, 90], gamma=0.1, by_epoch=True),
    dict(type=MultiStepLR, milestones=[50], gamma=100, by_epoch=True),
]
train_cfg.update(max_epochs=100)

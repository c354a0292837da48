"""The recipe of MPANet's released code: Adam for 140 epochs, steps of 0.1 after epochs 80 and 120.

It is evaluated every five epochs from the 120th on. The released code trains in half precision: --amp.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR
from torch.optim import Adam

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=Adam, lr=3.5e-4, weight_decay=5e-4, fused=True)
param_scheduler = [dict(type=MultiStepLR, milestones=[80, 120], gamma=0.1, by_epoch=True)]
train_cfg.update(max_epochs=140, val_begin=120, val_interval=5)

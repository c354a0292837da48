"""Adam for 120 epochs with ten of linear warm-up and steps after 40 and 70, as in the released code of X-modality."""

from mmengine.config import read_base
from mmengine.optim import LinearLR, MultiStepLR
from torch.optim import Adam

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=Adam, lr=3.5e-4, weight_decay=5e-4, fused=True)
param_scheduler = [
    dict(type=LinearLR, start_factor=0.01, begin=0, end=10, by_epoch=True),
    dict(type=MultiStepLR, milestones=[40, 70], gamma=0.1, by_epoch=True),
]
train_cfg.update(max_epochs=120)

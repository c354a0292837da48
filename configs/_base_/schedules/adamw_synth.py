"""SynVI, from scratch: AdamW for 48 epochs, with four epochs of warm-up and then a cosine."""

from mmengine.config import read_base
from mmengine.optim import CosineAnnealingLR, LinearLR
from torch.optim import AdamW

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=AdamW, lr=4e-3, betas=(0.9, 0.99), weight_decay=5e-3, fused=True)
optim_wrapper.paramwise_cfg = dict(norm_decay_mult=0, bias_decay_mult=0)
param_scheduler = [
    dict(type=LinearLR, start_factor=0.01, begin=0, end=4, convert_to_iter_based=True),
    dict(type=CosineAnnealingLR, begin=4, end=48, eta_min=4e-5, convert_to_iter_based=True),
]
train_cfg.update(max_epochs=48, val_interval=6)

"""AdamW for 60 epochs, with five epochs of warm-up and then a cosine; chosen on SynVI, for the light model."""

from mmengine.config import read_base
from mmengine.optim import CosineAnnealingLR, LinearLR
from torch.optim import AdamW

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=AdamW, lr=1e-3, weight_decay=5e-3, fused=True)
optim_wrapper.paramwise_cfg = dict(norm_decay_mult=0, bias_decay_mult=0)
param_scheduler = [
    dict(type=LinearLR, start_factor=0.01, begin=0, end=5, convert_to_iter_based=True),
    dict(type=CosineAnnealingLR, begin=5, end=60, eta_min=1e-5, convert_to_iter_based=True),
]
train_cfg.update(max_epochs=60)

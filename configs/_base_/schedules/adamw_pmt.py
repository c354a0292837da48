"""PMT's recipe: AdamW for 24 epochs, patches and blocks at half the rate, warm-up in a cosine of all epochs.

The released code trains in half precision: --amp.
"""

from mmengine.config import read_base
from torch.optim import AdamW

from haresreid.engine import WarmupCosineLR

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer = dict(type=AdamW, lr=3e-4, weight_decay=1e-4, fused=True)
optim_wrapper.paramwise_cfg = dict(
    custom_keys={'backbone.patch_embed': dict(lr_mult=0.5), 'backbone.layers': dict(lr_mult=0.5)}
)
param_scheduler = [dict(type=WarmupCosineLR, epochs=24, warmup=3, start=3e-6, floor=3e-6)]
train_cfg.update(max_epochs=24)

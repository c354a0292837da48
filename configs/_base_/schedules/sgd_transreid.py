"""TransReID's recipe: SGD for 120 epochs, biases twice as fast, five epochs of warm-up in a cosine of all epochs.

The released code trains in half precision: --amp.
"""

from mmengine.config import read_base

from haresreid.engine import WarmupCosineLR

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer.update(lr=0.008, weight_decay=1e-4)
optim_wrapper.paramwise_cfg = dict(custom_keys={'.bias': dict(lr_mult=2)})
param_scheduler = [dict(type=WarmupCosineLR, epochs=120, warmup=5, start=8e-5, floor=1.6e-5)]
train_cfg.update(max_epochs=120)

"""The recipe of CM-NAS's released code: Adam for 120 epochs, the norm and the classifier of the head ten times as fast.

Every evaluation begins by putting a running mean of the weights in their place.
"""

from mmengine.config import read_base

from haresreid.engine import WeightMeanHook

with read_base():
    from .adam_120e import *

optim_wrapper.optimizer.update(lr=1e-3, betas=(0.5, 0.999))
optim_wrapper.paramwise_cfg = dict(custom_keys={'head.bnneck': dict(lr_mult=10), 'head.classifier': dict(lr_mult=10)})
running_mean = dict(type=WeightMeanHook, decay=0.997, interval=2)

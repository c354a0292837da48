"""The paper's schedule with two additions that it does not mention: an epoch of warm-up, and gradients clipped at 2."""

from mmengine.config import read_base
from mmengine.optim import LinearLR

with read_base():
    from .sgd_80e import *

optim_wrapper.clip_grad = dict(max_norm=2)
param_scheduler.insert(0, dict(type=LinearLR, start_factor=0.01, begin=0, end=1, convert_to_iter_based=True))

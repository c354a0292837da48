"""The paper's schedule with three additions that it does not mention.

They are an epoch of warm-up, gradients clipped at norm 2, and an eighth of the rate for TE and HGAE, which start from
random weights and otherwise end up giving every image the same class token.
"""

from mmengine.config import read_base
from mmengine.optim import LinearLR

with read_base():
    from .sgd_80e import *

optim_wrapper.clip_grad = dict(max_norm=2)
optim_wrapper.paramwise_cfg = dict(custom_keys=dict(transformers=dict(lr_mult=0.125), hgae=dict(lr_mult=0.125)))
param_scheduler.insert(0, dict(type=LinearLR, start_factor=0.01, begin=0, end=1, convert_to_iter_based=True))

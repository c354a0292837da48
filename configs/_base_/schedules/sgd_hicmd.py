"""The recipe of Hi-CMD's released code: 200,000 steps, here 200 epochs of 1000, half of the rates after every 50.

The network has SGD with Nesterov momentum, generator and discriminators have Adam.
"""

from mmengine.config import read_base
from mmengine.optim import OptimWrapper, StepLR
from torch.optim import SGD, Adam

from haresreid.engine import TurnOptimWrapperConstructor

with read_base():
    from .sgd_80e import *

images = dict(type=OptimWrapper, optimizer=dict(type=Adam, lr=1e-4, betas=(0.5, 0.999), fused=True))
image_turns = dict(constructor=TurnOptimWrapperConstructor, generator=images, discriminator=images)

optim_wrapper = dict(
    image_turns,
    reid=dict(
        type=OptimWrapper,
        optimizer=dict(type=SGD, lr=1e-3, momentum=0.9, weight_decay=1e-4, nesterov=True, fused=True),
    ),
)
param_scheduler = [dict(type=StepLR, step_size=50, gamma=0.5, by_epoch=True)]
train_cfg.update(max_epochs=200)

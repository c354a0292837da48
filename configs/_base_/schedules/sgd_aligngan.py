"""The recipe of AlignGAN's released code: 251 epochs of 100 steps, a tenth of the rates after 200.

The first 50 epochs train the network on infrared images, the next 100 generator and discriminators. The network has
SGD with Nesterov momentum, 0.2 for the head and 0.02 for the backbone; the others have Adam.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR, OptimWrapper
from torch.optim import SGD, Adam

from haresreid.engine import ImageSheetHook, TurnOptimWrapperConstructor

with read_base():
    from .sgd_80e import *

images = dict(type=OptimWrapper, optimizer=dict(type=Adam, lr=2e-4, betas=(0.5, 0.999), fused=True))
image_turns = dict(constructor=TurnOptimWrapperConstructor, generator=images, discriminator=images)
image_sheet = dict(type=ImageSheetHook)

optim_wrapper = dict(
    image_turns,
    reid=dict(
        type=OptimWrapper,
        optimizer=dict(type=SGD, lr=0.2, momentum=0.9, weight_decay=5e-4, nesterov=True, fused=True),
        paramwise_cfg=dict(custom_keys={'backbone': dict(lr_mult=0.1)}),
    ),
)
param_scheduler = [dict(type=MultiStepLR, milestones=[200], gamma=0.1, by_epoch=True)]
train_cfg.update(max_epochs=251, val_begin=152)
periods = dict(network_epochs=50, warmup=150)
enlarged = dict(size=(384, 192))

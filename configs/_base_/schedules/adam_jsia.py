"""The recipe of JSIA-ReID's released code: Adam for 650 epochs of 200 steps, a tenth of the rates after 630.

The first 600 epochs train generator and discriminators alone.
"""

from mmengine.config import read_base
from mmengine.optim import MultiStepLR, OptimWrapper
from torch.optim import Adam

from haresreid.engine import ImageSheetHook, TurnOptimWrapperConstructor

with read_base():
    from .sgd_80e import *

images = dict(type=OptimWrapper, optimizer=dict(type=Adam, lr=1e-4, betas=(0.5, 0.999), weight_decay=1e-4, fused=True))
image_turns = dict(constructor=TurnOptimWrapperConstructor, generator=images, discriminator=images)
image_sheet = dict(type=ImageSheetHook)

optim_wrapper = dict(
    image_turns, reid=dict(type=OptimWrapper, optimizer=dict(type=Adam, lr=4.5e-4, weight_decay=5e-4, fused=True))
)
param_scheduler = [dict(type=MultiStepLR, milestones=[630], gamma=0.1, by_epoch=True)]
train_cfg.update(max_epochs=650, val_begin=602)
warmup = 600

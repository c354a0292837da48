"""The recipe of AGW's released code, which HC-Tri, CAJ, MMD-ReID and DDAG share except for the number of epochs.

SGD with Nesterov momentum, learning rate 0.1 for the layers of the head and 0.01 for all others, ten epochs of linear
warm-up, steps of 0.1 after epochs 20 and 50. The released code's loop counts epochs from 0 to 80.
"""

from mmengine.config import read_base
from mmengine.optim import LinearLR, MultiStepLR

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer.update(nesterov=True)
optim_wrapper.update(
    paramwise_cfg=dict(
        custom_keys={
            'head.bnneck': dict(lr_mult=10),
            'head.classifier': dict(lr_mult=10),  # of stripes too: head.classifiers
            'head.graph_attention': dict(lr_mult=10),
            'head.part_attention': dict(lr_mult=10),
            'neck.stripes': dict(lr_mult=10),
        }
    )
)
param_scheduler = [
    dict(type=LinearLR, start_factor=0.1, begin=0, end=10, by_epoch=True),
    dict(type=MultiStepLR, milestones=[20, 50], gamma=0.1, by_epoch=True),
]
train_cfg.update(max_epochs=81)

"""The paper's schedule (section IV-A): SGD for 80 epochs, learning rate 0.01, 0.001 after epoch 30, no warm-up."""

from mmengine.optim import MultiStepLR, OptimWrapper
from mmengine.runner import EpochBasedTrainLoop, TestLoop, ValLoop
from torch.optim import SGD

from haresreid.engine import GroupedOptimWrapperConstructor

optim_wrapper = dict(
    type=OptimWrapper,
    constructor=GroupedOptimWrapperConstructor,
    optimizer=dict(type=SGD, lr=0.01, momentum=0.9, weight_decay=5e-4, fused=True),
)
param_scheduler = [dict(type=MultiStepLR, milestones=[30], gamma=0.1, by_epoch=True)]

train_cfg = dict(type=EpochBasedTrainLoop, max_epochs=80, val_interval=2)
val_cfg = dict(type=ValLoop)
test_cfg = dict(type=TestLoop)

"""Start weights for encoders of full width, in place of ImageNet's: like resnet18_synvi.py, at a lower rate."""

from mmengine.config import read_base

with read_base():
    from .resnet18_synvi import *

model.backbone.update(depth=50, base_channels=64)
model.head.update(in_channels=2048)

optim_wrapper.optimizer.update(lr=1e-3)
param_scheduler[0].update(end=1)
param_scheduler[1].update(begin=1, end=12)
train_cfg.update(max_epochs=12)

"""Start weights for encoders of full width, in place of ImageNet's: like resnet18_synvi.py, at a lower rate."""

from mmengine.config import read_base

with read_base():
    from .resnet18_synvi import *

model.backbone.update(depth=50, base_channels=64)
model.head.update(in_channels=2048)

optim_wrapper.optimizer.update(lr=3e-4)  # at 1e-3 the ID loss stays above chance
param_scheduler[0].update(end=1)
param_scheduler[1].update(begin=1, end=4, eta_min=3e-6)
train_cfg.update(max_epochs=4, val_interval=2)

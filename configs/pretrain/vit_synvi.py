"""Start weights for narrow vision transformers, in place of ImageNet's: like resnet18_synvi.py, at a lower rate."""

from mmengine.config import read_base

from haresreid.models import ClassToken, ReIDVisionTransformer

with read_base():
    from .resnet18_synvi import *

model.backbone = dict(
    type=ReIDVisionTransformer,
    arch=dict(embed_dims=64, num_layers=4, num_heads=4, feedforward_channels=256),
    img_size=(96, 48),
    patch_size=8,
    stride=8,
    drop_path_rate=0.0,
    init_std=0.5,
)
model.head.update(in_channels=64, pooling=dict(type=ClassToken))

optim_wrapper.optimizer.update(lr=2e-3)
param_scheduler[1].update(end=40)
train_cfg.update(max_epochs=40)

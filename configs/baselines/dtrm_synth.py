"""DTRM, as described, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.dtrm import channels
    from ._base_.synth import *
    from .._base_.models.dtrm import *  # its model replaces HAResformer's

model.backbone.update(narrow)
model.head.update(in_channels=128)
train_dataloader.dataset.update(
    pipeline=[train_pipeline[0], dict(channels, augment=train_pipeline[1:-1]), train_pipeline[-1]]
)

"""CAJ, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.caj import views
    from ._base_.synth import *
    from .._base_.models.caj import *  # its model replaces HAResformer's

model.backbone.update(narrow, non_local=(0, 2, 2, 0))  # a stage of ResNet-18 has two blocks
model.head.update(in_channels=128)
model.update(flip_test=False)
train_dataloader.dataset.update(
    pipeline=[train_pipeline[0], dict(views, augment=train_pipeline[1:-1]), train_pipeline[-1]]
)

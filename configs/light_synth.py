"""The light model on SynVI, from ImageNet weights; from scratch: --cfg-options model.backbone.pretrained=None."""

from mmengine.config import read_base

with read_base():
    from ._base_.datasets.synvi import *
    from ._base_.datasets.light import normalize_lite
    from ._base_.default_runtime import *
    from ._base_.models.light import *
    from ._base_.schedules.adamw_synth_short import *

train_dataloader.dataset.update(pipeline=[*train_pipeline[:-3], normalize_lite, *train_pipeline[-2:]])
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=[test_pipeline[0], normalize_lite, test_pipeline[-1]])

"""AGW on HITSZ-VCM: its released recipe for images, and the mean of a track's frames. Never run on the data."""

from mmengine.config import read_base

from haresreid.models import TemporalMean

with read_base():
    from .._base_.datasets.vcm import *
    from .._base_.default_runtime import *
    from .._base_.models.agw import *
    from .._base_.schedules.sgd_agw import *

model.temporal_pooling = dict(type=TemporalMean)
train_dataloader.dataset.update(pipeline=agw_pipeline)
default_hooks.checkpoint.update(save_best='vcm/v2i/mAP')

"""The light model on RegDB. One model per split: add --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ._base_.datasets.regdb import *
    from ._base_.datasets.light import *
    from ._base_.default_runtime import *
    from ._base_.models.light import *
    from ._base_.schedules.adamw_light import *

train_dataloader.sampler.update(num_ids=8)
train_dataloader.dataset.update(pipeline=light_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=light_test_pipeline)
default_hooks.checkpoint.update(save_best='regdb/v2i/mAP')

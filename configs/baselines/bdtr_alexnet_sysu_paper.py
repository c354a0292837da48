"""BDTR on AlexNet on SYSU-MM01: its released code's recipe, but from scratch.

That code trains on RegDB only.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.alexnet import alexnet_pipeline, alexnet_test_pipeline
    from .._base_.schedules.sgd_bdtr import *  # its names replace the paper's schedule
    from .bdtr_alexnet_sysu_unified import model

train_dataloader.sampler.update(num_ids=64, num_instances=1)
train_dataloader.dataset.update(pipeline=alexnet_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=alexnet_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='sysu/all/R1-first-draw')

"""BDTR on AlexNet on RegDB: its released code's recipe, but from scratch.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.datasets.alexnet import alexnet_pipeline, alexnet_test_pipeline
    from .._base_.schedules.sgd_bdtr import *  # its names replace the paper's schedule
    from .bdtr_alexnet_regdb_unified import model

train_dataloader.sampler.update(num_ids=64, num_instances=1)
train_dataloader.dataset.update(pipeline=alexnet_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=alexnet_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='regdb/v2i/R1')

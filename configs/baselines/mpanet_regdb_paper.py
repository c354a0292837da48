"""MPANet on RegDB: its released code's recipe, 140 epochs on 12 people with 5 pairs of images each, 256 x 128.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.datasets.mpanet import mpanet_sampler, mpanet_test_regdb, mpanet_train_regdb
    from .._base_.schedules.adam_mpanet import *  # its names replace the paper's schedule
    from .mpanet_regdb_unified import model

train_dataloader.sampler = dict(mpanet_sampler, num_ids=12, num_instances=5)
train_dataloader.dataset.update(pipeline=mpanet_train_regdb)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=mpanet_test_regdb)
param_scheduler[0].update(milestones=[80, 110])
# the released code keeps the best too; by which figure was not looked up
default_hooks.checkpoint.update(save_best='regdb/v2i/R1')

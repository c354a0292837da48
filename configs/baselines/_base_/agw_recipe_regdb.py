"""RegDB by the recipe of AGW's released code: 8 people per batch, neither grey nor erased images, warm-up."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *
    from ..._base_.schedules.sgd_agw import *  # its names replace the paper's schedule

train_dataloader.sampler.update(num_ids=8)
train_dataloader.dataset.update(pipeline=agw_pipeline)
# as in the released code: the best Rank-1. It is chosen on the test set, like any best one
default_hooks.checkpoint.update(save_best='regdb/v2i/R1')

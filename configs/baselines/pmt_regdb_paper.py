"""PMT on RegDB: its released code's recipe, AdamW for 36 epochs on 8 people, 256 x 128.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.datasets.pmt import pmt_colour, pmt_grey_pipeline, pmt_test_pipeline
    from .._base_.models.pmt import *  # its model replaces HAResformer's
    from .._base_.schedules.adamw_pmt import *  # its names replace the paper's schedule

train_dataloader.sampler.update(num_ids=8, replacement=False)
train_dataloader.dataset.update(pipeline=pmt_grey_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=pmt_test_pipeline)
custom_hooks.append(pmt_colour)
# the released code keeps the highest mAP, and this, as elsewhere here, the highest Rank-1. Either is chosen on the test
# set
default_hooks.checkpoint.update(save_best='regdb/v2i/R1')

# colour comes with the seventh epoch, here of 36
param_scheduler[0].update(epochs=36)
train_cfg.update(max_epochs=36)
for loss in ('tri_within', 'tri', 'msel', 'dcl'):
    model.criterion.losses[loss].weight.update(at=6 / 36)

"""PMT on LLCM: its released code's recipe, AdamW for 24 epochs on 8 people, 256 x 128.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.datasets.pmt import pmt_colour, pmt_grey_pipeline, pmt_test_pipeline
    from .._base_.models.pmt import *  # its model replaces HAResformer's
    from .._base_.schedules.adamw_pmt import *  # its names replace the paper's schedule

train_dataloader.sampler.update(num_ids=8, replacement=False)
train_dataloader.dataset.update(pipeline=pmt_grey_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=pmt_test_pipeline)
custom_hooks.append(pmt_colour)
# the released code keeps the highest mAP of that draw, and this, as elsewhere here, the highest Rank-1. Either is
# chosen on the test set
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

"""Hi-CMD on SYSU-MM01: its released code's recipe, SGD and Adam for 200,000 steps."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.hicmd import hicmd_pipeline, hicmd_sampler, hicmd_test_pipeline, image_sheet
    from .._base_.models.hicmd import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_hicmd import *  # its names replace the paper's schedule


custom_hooks.append(image_sheet)
train_dataloader.sampler = hicmd_sampler
train_dataloader.dataset.update(pipeline=hicmd_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=hicmd_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='sysu/all/R1-first-draw')

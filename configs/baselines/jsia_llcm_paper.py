"""JSIA-ReID on LLCM: its released code's recipe, Adam for 650 epochs, of which 600 train the generator alone.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.datasets.jsia import jsia_pipeline, jsia_sampler, jsia_test_pipeline
    from .._base_.models.jsia import *  # its model replaces HAResformer's
    from .._base_.schedules.adam_jsia import *  # its names replace the paper's schedule

model.warmup = warmup
custom_hooks.append(image_sheet)
train_dataloader.sampler = jsia_sampler
train_dataloader.dataset.update(pipeline=jsia_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=jsia_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

"""X-modality on LLCM: its released code's recipe, Adam for 120 epochs on 12 people, 256 x 128.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.datasets.x_modality import x_pipeline, x_sampler, x_test_pipeline
    from .._base_.schedules.adam_120e import *  # its names replace the paper's schedule
    from .x_modality_llcm_unified import model

train_dataloader.sampler = x_sampler
train_dataloader.dataset.update(pipeline=x_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=x_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

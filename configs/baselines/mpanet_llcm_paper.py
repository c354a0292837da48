"""MPANet on LLCM: its released code's recipe, 140 epochs on 16 people with 4 pairs of images each, 384 x 128.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.datasets.mpanet import mpanet_sampler, mpanet_test, mpanet_train
    from .._base_.schedules.adam_mpanet import *  # its names replace the paper's schedule
    from .mpanet_llcm_unified import model

train_dataloader.sampler = mpanet_sampler
train_dataloader.dataset.update(pipeline=mpanet_train)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=mpanet_test)
# the released code keeps the best too; by which figure was not looked up
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

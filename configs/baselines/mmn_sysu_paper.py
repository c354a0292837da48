"""MMN on SYSU-MM01: its released code's recipe, which is AGW's on 4 people, with larger images and erasing."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.mmn import mmn_pipeline, mmn_test_pipeline
    from ._base_.agw_recipe_sysu import *
    from .mmn_sysu_unified import model

train_dataloader.sampler.update(num_ids=4)
train_dataloader.dataset.update(pipeline=mmn_pipeline)
val_dataloader.dataset.update(pipeline=mmn_test_pipeline)
test_dataloader = val_dataloader

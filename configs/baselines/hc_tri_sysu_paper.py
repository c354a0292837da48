"""HC-Tri on SYSU-MM01: its released code's recipe, which is AGW's for 61 epochs, on 6 people with 8 images each."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .hc_tri_sysu_unified import model

train_dataloader.sampler.update(num_ids=6, num_instances=8)
train_cfg.update(max_epochs=61)

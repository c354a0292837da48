"""HC-Tri on LLCM: its released code's recipe, which is AGW's for 61 epochs, on 6 people with 8 images each.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .hc_tri_llcm_unified import model

train_dataloader.sampler.update(num_ids=6, num_instances=8)
train_dataloader.dataset.update(pipeline=agw_pipeline)
train_cfg.update(max_epochs=61)

"""CAJ on LLCM: its released code's recipe, which is AGW's for 100 epochs, on its own augmentation.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.caj import caj_pipeline
    from ._base_.agw_recipe_llcm import *
    from .caj_llcm_unified import model

model.update(flip_test=True)
train_dataloader.dataset.update(pipeline=caj_pipeline)
train_cfg.update(max_epochs=100)

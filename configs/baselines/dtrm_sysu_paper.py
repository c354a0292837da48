"""DTRM, as described, on SYSU-MM01, by the recipe of DDAG's released code, for lack of its own."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.dtrm import dtrm_pipeline
    from .ddag_sysu_paper import *
    from .dtrm_sysu_unified import model

train_dataloader.dataset.update(pipeline=dtrm_pipeline)

"""DTRM, as described, on LLCM, by the recipe of DDAG's released code, for lack of its own."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.dtrm import dtrm_pipeline
    from .ddag_llcm_paper import *
    from .dtrm_llcm_unified import model

train_dataloader.dataset.update(pipeline=dtrm_pipeline)

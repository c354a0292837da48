"""DTRM, as described, on RegDB, by the recipe of DDAG's released code, for lack of its own.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.dtrm import dtrm_pipeline
    from .ddag_regdb_paper import *
    from .dtrm_regdb_unified import model

train_dataloader.dataset.update(pipeline=dtrm_pipeline)

"""DTRM, as described, on SYSU-MM01, trained as HAResformer is, except for the channels, which are the method itself."""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.dtrm import dtrm_unified_pipeline
    from ..haresformer_sysu import *
    from .._base_.models.dtrm import *  # its model replaces HAResformer's

train_dataloader.dataset.update(pipeline=dtrm_unified_pipeline)

"""CAJ on RegDB, trained as HAResformer is, except for the views, which are the method itself.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .._base_.datasets.caj import caj_unified_pipeline
    from ..haresformer_regdb import *
    from .._base_.models.caj import *  # its model replaces HAResformer's

model.update(flip_test=False)
train_dataloader.dataset.update(pipeline=caj_unified_pipeline)

"""G2DA, as described, on RegDB, trained as HAResformer is. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.g2da import *  # its model replaces HAResformer's

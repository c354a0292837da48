"""G2DA, as described, on SYSU-MM01, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.models.g2da import *  # its model replaces HAResformer's

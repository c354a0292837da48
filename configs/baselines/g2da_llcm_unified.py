"""G2DA, as described, on LLCM, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.g2da import *  # its model replaces HAResformer's

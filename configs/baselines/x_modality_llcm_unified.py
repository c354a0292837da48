"""X-modality on LLCM, trained as HAResformer is, on images that it generates beside."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.x_modality import *  # its model replaces HAResformer's

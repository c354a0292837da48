"""CM-NAS with a norm per modality everywhere on LLCM, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.cm_nas_separate import *  # its model replaces HAResformer's

"""CM-NAS with a norm per modality in the stem on SYSU-MM01, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.models.cm_nas_stem import *  # its model replaces HAResformer's

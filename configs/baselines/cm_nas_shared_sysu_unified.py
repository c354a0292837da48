"""CM-NAS with norms shared by the modalities on SYSU-MM01, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.models.cm_nas_shared import *  # its model replaces HAResformer's

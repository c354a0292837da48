"""CM-NAS with a norm per modality everywhere on RegDB, trained as HAResformer is.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.cm_nas_separate import *  # its model replaces HAResformer's

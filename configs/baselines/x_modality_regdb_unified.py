"""X-modality on RegDB, trained as HAResformer is, on images that it generates beside.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.x_modality import *  # its model replaces HAResformer's

"""HC-Tri on RegDB, trained as HAResformer is. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.hc_tri import *  # its model replaces HAResformer's

# as its released code has it for RegDB
model.criterion.losses.id.update(label_smoothing=0.1)
model.criterion.losses.hc_tri_stripes.update(weight=2.0)

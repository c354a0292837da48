"""HC-Tri on LLCM, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.hc_tri import *  # its model replaces HAResformer's

# as its released code has it for SYSU-MM01
model.neck.pooling.update(p=3.0)

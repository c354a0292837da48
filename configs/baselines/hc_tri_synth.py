"""HC-Tri, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.hc_tri import *  # its model replaces HAResformer's

model.backbone.update(narrow)
# each stripe is one row of the 6 x 3 map; the exponent is that of SYSU-MM01, whose layout this SynVI set has
model.neck.update(in_channels=128, channels=32, pooling=dict(p=3.0))
model.head.update(channels=32)

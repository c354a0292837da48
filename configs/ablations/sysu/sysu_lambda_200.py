"""Figure 6, on SYSU-MM01: lambda_3 = 2.0."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.criterion.losses.aux.update(weight=2.0)

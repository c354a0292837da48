"""Figure 6, on RegDB: lambda_3 = 2.0."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.criterion.losses.aux.update(weight=2.0)

"""Figure 6, on SynVI: lambda_3 = 1.0."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.criterion.losses.aux.update(weight=1.0)

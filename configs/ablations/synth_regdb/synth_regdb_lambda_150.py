"""Figure 6, on SynVI, RegDB's layout: lambda_3 = 1.5."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.criterion.losses.aux.update(weight=1.5)

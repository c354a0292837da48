"""Table V, row 3, on SynVI, RegDB's layout: two heads, one layer."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.backbone.update(num_heads=2)

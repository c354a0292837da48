"""Table V, row 2, on SynVI, RegDB's layout: one head, two layers."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.backbone.update(num_layers=2)

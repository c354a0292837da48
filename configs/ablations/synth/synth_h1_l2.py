"""Table V, row 2, on SynVI: one head, two layers."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.backbone.update(num_layers=2)

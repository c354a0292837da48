"""Table V, row 2, on SYSU-MM01: one head, two layers."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.backbone.update(num_layers=2)

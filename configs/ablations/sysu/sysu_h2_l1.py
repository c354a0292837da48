"""Table V, row 3, on SYSU-MM01: two heads, one layer."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.backbone.update(num_heads=2)

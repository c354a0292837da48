"""Table V, row 3, on RegDB: two heads, one layer."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.backbone.update(num_heads=2)

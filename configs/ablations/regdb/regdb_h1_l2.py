"""Table V, row 2, on RegDB: one head, two layers."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.backbone.update(num_layers=2)

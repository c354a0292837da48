"""Table II, row 4, and Table III, row 8, on SynVI, RegDB's layout: all stages supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_1', 'cls_2', 'cls_3', 'cls_4'])

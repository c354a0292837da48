"""Table III, row 5, on SynVI, RegDB's layout: S1 and S4 supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_1', 'cls_4'])

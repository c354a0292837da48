"""Table III, row 2, on SynVI, RegDB's layout: S2 supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_2'])

"""Table III, row 6, on RegDB: S1, S2, S4 supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_1', 'cls_2', 'cls_4'])

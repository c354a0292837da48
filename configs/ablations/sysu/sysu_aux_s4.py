"""Table III, row 4, and Table IV, row 3, on SYSU-MM01: S4 supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_4'])

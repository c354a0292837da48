"""Table IV, row 4, on SYSU-MM01: no HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.head.update(hgae=False)
model.criterion.losses.aux.update(feature=['cls_4'])

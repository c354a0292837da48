"""Table IV, row 4, on RegDB: no HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.head.update(hgae=False)
model.criterion.losses.aux.update(feature=['cls_3', 'cls_4'])

"""Table IV, row 4, on SynVI: no HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.head.update(hgae=False)
model.criterion.losses.aux.update(feature=['cls_4'])

"""Table III, row 11, on SynVI: S2, S3, S4 supervised; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.head.update(add=False, hgae=False)
model.criterion.losses.aux.update(feature=['cls_2', 'cls_3', 'cls_4'])

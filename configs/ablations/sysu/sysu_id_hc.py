"""Table II, row 2, on SYSU-MM01: ID and HC-Tri; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.head.update(add=False, hgae=False)
for loss in ('mmd', 'aux'):
    model.criterion.losses.pop(loss)

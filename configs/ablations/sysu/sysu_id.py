"""Table II, row 1, on SYSU-MM01: ID alone; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.head.update(add=False, hgae=False)
for loss in ('hc_tri', 'mmd', 'aux'):
    model.criterion.losses.pop(loss)

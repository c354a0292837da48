"""Table II, row 1, on SynVI: of the paper's losses ID alone; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.head.update(add=False, hgae=False)
for loss in ('hc_tri', 'mmd', 'aux'):
    model.criterion.losses.pop(loss)

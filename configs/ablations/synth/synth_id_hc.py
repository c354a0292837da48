"""Table II, row 2, on SynVI: of the paper's losses ID and HC-Tri; neither ADD nor HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.head.update(add=False, hgae=False)
for loss in ('mmd', 'aux'):
    model.criterion.losses.pop(loss)

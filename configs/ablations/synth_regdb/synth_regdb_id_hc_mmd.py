"""Table II, row 3, and Table IV, row 2, on SynVI, RegDB's layout: no DSA, no ADD, no HGAE."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.head.update(add=False, hgae=False)
model.criterion.losses.pop('aux')

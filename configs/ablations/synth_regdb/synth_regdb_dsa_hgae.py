"""Table IV, row 5, on SynVI, RegDB's layout: no ADD."""

from mmengine.config import read_base

with read_base():
    from .synth_regdb_full import *

model.head.update(add=False)

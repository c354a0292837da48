"""Table IV, row 5, on SynVI: no ADD."""

from mmengine.config import read_base

with read_base():
    from .synth_full import *

model.head.update(add=False)

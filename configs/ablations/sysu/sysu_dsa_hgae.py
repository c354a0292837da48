"""Table IV, row 5, on SYSU-MM01: no ADD."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_sysu import *

model.head.update(add=False)

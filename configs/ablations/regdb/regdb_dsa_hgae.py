"""Table IV, row 5, on RegDB: no ADD."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_regdb import *

model.head.update(add=False)

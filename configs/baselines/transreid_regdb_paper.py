"""TransReID on RegDB: its recipe, whose paper knows one modality, SGD for 120 epochs at 256 x 128.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .vit_regdb_paper import *
    from .transreid_regdb_unified import model

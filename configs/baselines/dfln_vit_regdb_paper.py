"""DFLN-ViT on RegDB: its released code's recipe, which is HC's at twice the rates.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .hc_regdb_paper import *
    from .dfln_vit_regdb_unified import model

optim_wrapper.optimizer.update(lr=0.002)

"""The recipe of MMD-ReID's released code, the paper's closest ancestor, and of HC-Tri's: AGW's for 61 epochs."""

from mmengine.config import read_base

with read_base():
    from .sgd_agw import *

train_cfg.update(max_epochs=61)

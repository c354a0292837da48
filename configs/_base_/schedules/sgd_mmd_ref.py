"""AGW's recipe for 61 epochs, as in the released code of HC-Tri and of MMD-ReID, the paper's closest ancestor."""

from mmengine.config import read_base

with read_base():
    from .sgd_agw import *

train_cfg.update(max_epochs=61)

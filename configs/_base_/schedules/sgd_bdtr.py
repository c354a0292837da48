"""The recipe of BDTR's released code, which is TONE's for longer: its 5000 steps are 152 epochs of RegDB."""

from mmengine.config import read_base

with read_base():
    from .sgd_tone import *

train_cfg.update(max_epochs=152, val_interval=8)

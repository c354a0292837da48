"""The recipe of TONE's released code: SGD at 0.001 throughout, without weight decay.

Its 1501 steps with 64 images of a modality are 46 epochs of RegDB.
"""

from mmengine.config import read_base

with read_base():
    from .sgd_80e import *

optim_wrapper.optimizer.update(lr=1e-3, weight_decay=0.0)
param_scheduler = []
train_cfg.update(max_epochs=46)

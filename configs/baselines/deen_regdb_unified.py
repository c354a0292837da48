"""DEEN on RegDB, trained as HAResformer is. One model per split: --split 1 ... --split 10.

As in the released code, the network is a stage shorter than for the other data sets.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
    from .._base_.models.deen import *  # its model replaces HAResformer's

model.backbone.update(expand_after=2)
model.head.update(in_channels=1024)

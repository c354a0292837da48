"""HAResformer on RegDB, trained with AugMix, to stay recognisable in bad images."""

from mmengine.config import read_base

from haresreid.datasets import AugMix

with read_base():
    from ..haresformer_regdb import *

train_dataloader.dataset.update(
    pipeline=[load, resize, grey, crop, flip, dict(type=AugMix), normalize, erase, pack],
)

"""The narrow HAResformer from start weights on SynVI, trained with AugMix."""

from mmengine.config import read_base

from haresreid.datasets import AugMix, RandomFlip

with read_base():
    from ..haresformer_synth_short import *

flip_step = [step.type for step in train_dataloader.dataset.pipeline].index(RandomFlip)
train_dataloader.dataset.pipeline.insert(flip_step + 1, dict(type=AugMix))

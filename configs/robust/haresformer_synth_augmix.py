"""The narrow HAResformer from start weights on SynVI, trained with AugMix."""

from mmengine.config import read_base

from haresreid.datasets import AugMix

with read_base():
    from ..haresformer_synth_short import *

# behind the flip, before the normalisation
train_dataloader.dataset.pipeline = [*train_pipeline[:7], dict(type=AugMix), *train_pipeline[7:]]

"""HAResformer, narrow, on SynVI's walks, from start weights: the mean of a track's frames is its feature."""

from mmengine.config import read_base

from haresreid.models import TemporalMean

with read_base():
    from ..haresformer_synth_short import *
    from .._base_.datasets.synvi_tracks import *  # its loaders replace those of single images

model.temporal_pooling = dict(type=TemporalMean)
param_scheduler[1].update(end=12)
train_cfg.update(max_epochs=12, val_interval=12)  # an epoch has a third of the batches that SynVI's images have

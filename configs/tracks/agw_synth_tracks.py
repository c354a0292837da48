"""AGW, narrow, on SynVI's walks, trained like the HAResformer in this folder."""

from mmengine.config import read_base

from haresreid.models import TemporalMean

with read_base():
    from .haresformer_synth_tracks import *
    from ..baselines.agw_synth import model  # replaces HAResformer's

model.temporal_pooling = dict(type=TemporalMean)

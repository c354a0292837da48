"""AGW (Ye et al., TPAMI 2022): non-local attention, GeM pooling, weighted regularised triplet."""

from mmengine.config import read_base

from haresreid.models import GeneralizedMeanPooling, WeightedRegularizedTripletLoss

with read_base():
    from .two_stream import *

# the code behind the published figures has inner width 1; None would be the published C/2
model.backbone.update(non_local=(0, 2, 3, 0), non_local_channels=1)
model.head.update(pooling=dict(type=GeneralizedMeanPooling, p=3.0))
model.criterion.losses.pop('tri')
model.criterion.losses.update(wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=1.0))

"""A CNN that costs as much as the narrow HAResformer, from scratch, trained like the HAResformer in this folder."""

from mmengine.config import read_base

from haresreid.models import WeightedRegularizedTripletLoss

with read_base():
    from .haresformer_synth_context import *
    from .._base_.models.one_stream import *  # its model replaces HAResformer's

model.backbone.update(depth=18, base_channels=21, pretrained=None)
model.head.update(in_channels=168)
model.criterion.losses.pop('tri')
model.criterion.losses.update(wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=1.0))

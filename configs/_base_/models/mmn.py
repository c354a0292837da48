"""MMN (Zhang et al., ACM MM 2021): middle images beside the images, four stripes, consistency of the middle images."""

from mmengine.config import read_base

from haresreid.models import (
    BatchHardTripletLoss,
    DistributionConsistencyLoss,
    IDLoss,
    MiddleModalityGenerator,
    StripeBNNeckHead,
)

with read_base():
    from .two_stream import *

model.generator = dict(type=MiddleModalityGenerator)
# the middle images, modalities 2 and 3, have the stems of the images that they are made of
model.backbone.update(visible_modalities=(0, 2), infrared_modalities=(1, 3))
model.head.update(type=StripeBNNeckHead, num_stripes=4)
# means over four stripes, hence a quarter of the weights 1, 1 and 0.2
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature=[f'logits_{i}' for i in range(1, 5)], weight=0.25),
    tri=dict(
        type=BatchHardTripletLoss,
        margin=0.3,
        blocks=[(pair, pair) for pair in ((0, 1), (0, 3), (2, 1), (2, 3))],
        feature=[f'stripe_{i}' for i in range(1, 5)],
        weight=0.25,
    ),
    # the code behind the published figures does not train the projector
    dcl=dict(
        type=DistributionConsistencyLoss,
        in_channels=2048,
        frozen=True,
        feature=[f'stripe_{i}' for i in range(1, 5)],
        weight=0.05,
    ),
)
# image and middle image: the released script prints, among others, the sum of the four products of a pair
model.join_copies = 'sum'

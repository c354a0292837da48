"""HC-Tri (Liu et al., TMM 2020): six stripes; hetero-centre triplet on each of them and on their concatenation."""

from mmengine.config import read_base

from haresreid.models import GeneralizedMeanPooling, HCTripletLoss, IDLoss, StripeHead, StripeNeck

with read_base():
    from .two_stream import *

model.backbone.update(num_specific=2)
# p = 10 as in the released code, which mentions 3 for SYSU-MM01 only in a comment
model.neck = dict(
    type=StripeNeck, in_channels=2048, num_stripes=6, channels=256, pooling=dict(type=GeneralizedMeanPooling, p=10.0)
)
model.head = dict(
    type=StripeHead,
    num_stripes=6,
    channels=256,
    test_feature='stripes',
)
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature=[f'logits_{i}' for i in range(1, 7)], weight=1.0),
    hc_tri=dict(type=HCTripletLoss, margin=0.3, feature='embed', weight=1.0),
    hc_tri_stripes=dict(type=HCTripletLoss, margin=0.3, feature=[f'stripe_{i}' for i in range(1, 7)], weight=1.0),
)

"""MMD-ReID (Jambigi et al., BMVC 2021): hetero-centre triplet and margin MMD on a GeM-pooled feature."""

from mmengine.config import read_base

from haresreid.models import GeneralizedMeanPooling, HCTripletLoss, MMDLoss

with read_base():
    from .two_stream import *

model.backbone.update(num_specific=3)
model.head.update(pooling=dict(type=GeneralizedMeanPooling, p=3.0))
model.criterion.losses.pop('tri')
model.criterion.losses.update(
    hc_tri=dict(type=HCTripletLoss, margin=0.3, feature='embed', weight=2.0),
    mmd=dict(type=MMDLoss, margin=1.4, feature='embed', weight=0.25),
)

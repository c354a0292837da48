"""A CNN as large as the HAResformer that comes with haresreid, trained on the same people for as many steps."""

from mmengine.config import read_base

from haresreid.models import (
    BNNeckHead,
    Criterion,
    IDLoss,
    ReIDDataPreprocessor,
    TwoStreamResNet,
    VIReID,
    WeightedRegularizedTripletLoss,
)

with read_base():
    from ..haresformer_synth_shipped import *

model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(type=TwoStreamResNet, depth=18, base_channels=20, num_specific=0, pretrained=None),
    head=dict(
        type=BNNeckHead,
        in_channels=160,
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits'), wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed')
        ),
    ),
)

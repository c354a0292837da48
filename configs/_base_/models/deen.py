"""DEEN (Zhang and Wang, CVPR 2023): stages refined by their inputs, three rows an image, centre-guided pair mining."""

from mmengine.config import read_base

from haresreid.models import BranchOrthogonalityLoss, CenterPairMiningLoss, ExpandingResNet, JointBNNeckHead

with read_base():
    from .two_stream import *

model.backbone.update(type=ExpandingResNet)
# the released test sums the products of pooled and BN features over the three branches
model.head.update(type=JointBNNeckHead, test_feature='joint')
model.criterion.losses.update(
    cpm=dict(type=CenterPairMiningLoss, margin=0.2, feature='embed', weight=0.8),
    ort=dict(type=BranchOrthogonalityLoss, feature='embed', weight=0.01),
)
model.join_copies = 'concat'

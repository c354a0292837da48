"""BDTR (Ye et al., IJCAI 2018) on a ResNet-50 instead of its AlexNet: identity loss and top ranking."""

from mmengine.config import read_base

from haresreid.models import DualConstrainedTopRankingLoss

with read_base():
    from .two_stream import *

model.criterion.losses.pop('tri')
model.criterion.losses.update(
    rank=dict(type=DualConstrainedTopRankingLoss, margin=0.5, intra_margin=0.1, feature='embed', weight=1.0)
)

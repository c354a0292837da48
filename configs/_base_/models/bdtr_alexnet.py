"""BDTR (Ye et al., IJCAI 2018) as released: an AlexNet per modality, batch norms behind fc6, and top ranking."""

from mmengine.config import read_base

from haresreid.models import DualConstrainedTopRankingLoss

with read_base():
    from .tone import *

model.backbone.update(norm=True)
model.head.update(channels=1024)
model.criterion.losses.pop('contrastive')
model.criterion.losses.update(
    rank=dict(type=DualConstrainedTopRankingLoss, margin=0.5, intra_margin=0.1, feature='embed', weight=1.0)
)

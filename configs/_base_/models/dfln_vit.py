"""DFLN-ViT (Zhao et al., TMM 2022): HC's networks and stripes; stages enhanced by spatial tokens and channel gates.

As in the released code, a gate is a learned constant, and spatial tokens do not return to their places. Two options
repair that: ``model.backbone.gate_width=6`` gives gates that depend on channel and image, and
``model.backbone.in_place=True`` returns the tokens.
"""

from mmengine.config import read_base

from haresreid.models import CenterRankingLoss, TokenEnhancedResNet

with read_base():
    from .hc import *

model.backbone.update(type=TokenEnhancedResNet)
model.neck.update(relu=False)
model.head.update(slope=0.1, test_feature='normed_stripes')
model.criterion.losses.update(
    ranking=dict(type=CenterRankingLoss, margin=0.3, feature=[f'stripe_{i}' for i in range(1, 7)], weight=0.5)
)

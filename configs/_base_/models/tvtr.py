"""TVTR (ICASSP 2023), as described: the patches that the class token attends to most, and a circle loss.

Its abstract gives neither number nor formula: the metafile says which parts are our reading.
"""

from mmengine.config import read_base

from haresreid.models import CircleLoss, IDLoss, JigsawHead, TopTokenVisionTransformer

with read_base():
    from .vit import *

model.backbone.update(type=TopTokenVisionTransformer, stride=12)
model.head = dict(type=JigsawHead, in_channels=768, num_parts=1, test_feature='post_bn')
# half for the whole image, half for its chosen patches
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature=['global_logits', 'logits_1'], weight=0.5),
    circle=dict(type=CircleLoss, feature=['global', 'local_1'], weight=0.5),
)

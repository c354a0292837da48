"""CMTR (TMM 2023), as described: an embedding of the modality that tokens get, and that features lose again.

Its abstract gives neither formula nor weight: the metafile says which parts are our reading.
"""

from mmengine.config import read_base

from haresreid.models import (
    IDLoss,
    ModalityAwareEnhancementLoss,
    ModalityRemovalHead,
    ModalityVisionTransformer,
    WeightedRegularizedTripletLoss,
)

with read_base():
    from .vit import *

model.backbone.update(type=ModalityVisionTransformer, stride=12, num_modalities=2)
model.head.update(type=ModalityRemovalHead, test_feature='post_bn')
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature='logits', weight=1.0),
    wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='token', weight=1.0),
    mae=dict(type=ModalityAwareEnhancementLoss, feature='embed', weight=1.0),
)

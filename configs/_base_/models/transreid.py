"""TransReID (He et al., ICCV 2021) for two modalities: overlapping and jigsaw patches, an embedding of the modality.

In its own field the embedding is one of cameras: ``num_cameras=6, num_modalities=0`` on SYSU-MM01.
"""

from mmengine.config import read_base

from haresreid.models import BatchHardTripletLoss, IDLoss, JigsawHead, JigsawVisionTransformer

with read_base():
    from .vit import *

model.backbone.update(type=JigsawVisionTransformer, stride=12, num_modalities=2)
model.head = dict(type=JigsawHead, in_channels=768, test_feature='pre_bn')
# half for the whole image, half for the mean of the four parts
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature='global_logits', weight=0.5),
    id_local=dict(type=IDLoss, feature=[f'logits_{i}' for i in range(1, 5)], weight=0.125),
    tri=dict(type=BatchHardTripletLoss, margin=None, feature='global', weight=0.5),
    tri_local=dict(type=BatchHardTripletLoss, margin=None, feature=[f'local_{i}' for i in range(1, 5)], weight=0.125),
)

"""PMT (Lu et al., AAAI 2023): a shared ViT-B/16 with overlapping patches, whose losses change when images get colour.

In the first quarter of the training every modality has a triplet loss of its own, and visible images are grey (the
configs' business); then follow a triplet over both, the modality-shared enhancement and the discriminative centres.
"""

from mmengine.config import read_base

from haresreid.models import (
    BatchHardTripletLoss,
    DiscriminativeCenterLoss,
    IDLoss,
    ModalitySharedEnhancementLoss,
    Step,
)

with read_base():
    from .vit import *

other_normalization = 'the released code has that of ImageNet'
model.backbone.update(stride=12, norm_eps=1e-5, drop_rate=0.03)
model.head.update(test_feature='post_bn')
# the modalities' identity losses, and in the beginning their triplets, are summed: twice the means
model.criterion.losses = dict(
    id=dict(type=IDLoss, feature='logits', weight=2.0),
    tri_within=dict(
        type=BatchHardTripletLoss,
        margin=0.1,
        blocks=[((0,), (0,)), ((1,), (1,))],
        feature='embed',
        weight=dict(type=Step, at=0.25, start=2.0),
    ),
    tri=dict(type=BatchHardTripletLoss, margin=0.1, feature='embed', weight=dict(type=Step, at=0.25, to=1.0)),
    msel=dict(type=ModalitySharedEnhancementLoss, feature='embed', weight=dict(type=Step, at=0.25, to=0.5)),
    dcl=dict(type=DiscriminativeCenterLoss, feature='embed', weight=dict(type=Step, at=0.25, to=0.5)),
)

"""X-modality (Li et al., AAAI 2020): a light generator, a gap loss between modalities, identity and triplet in each."""

from mmengine.config import read_base

from haresreid.models import BatchHardTripletLoss, CrossModalityGapLoss, IDLoss, XModalityGenerator

with read_base():
    from .one_stream import *

model.generator = dict(type=XModalityGenerator)
model.backbone.update(stem_relu=False)
model.head.update(test_feature='pre_bn')
# identity and triplet loss are sums over the three modalities, which have equally many images: three times the means
model.criterion.losses = dict(
    id=dict(type=IDLoss, label_smoothing=0.1, feature='logits', weight=3.0),
    tri=dict(
        type=BatchHardTripletLoss,
        margin=0.3,
        blocks=[((modality,), (modality,)) for modality in range(3)],
        feature='embed',
        weight=3.0,
    ),
    gap=dict(type=CrossModalityGapLoss, margin=0.5, swapped_norms=False, feature='embed', weight=0.2),
)

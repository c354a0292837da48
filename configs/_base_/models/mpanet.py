"""MPANet (Wu et al., CVPR 2021): modality alleviation behind two stages, six patterns, classifiers per modality.

The weights are those of the released settings. The released code adds the modalities' identity losses twice, each time
with the weight 0.5: here the mean over both modalities has the weight 2, and 1 is the loss as it is described.
"""

from mmengine.config import read_base

from haresreid.models import CenterClusterLoss, KLDivergenceLoss, MaskSeparationLoss, ModalityAlleviation, PatternHead

with read_base():
    from .one_stream import *

model.backbone.update(plugins={stage: dict(type=ModalityAlleviation) for stage in ('layer3', 'layer4')})
model.head = dict(type=PatternHead, in_channels=2048, num_patterns=6, test_feature='post_bn')
model.criterion.losses.pop('tri')
model.criterion.losses.update(
    modality_id=dict(model.criterion.losses.id, feature='own_logits', weight=2.0),
    kl=dict(type=KLDivergenceLoss, features=dict(feats='own_logits', target='other_logits'), weight=2.5),
    center=dict(type=CenterClusterLoss, margin=0.7, feature='embed', weight=1.0),
    separation=dict(type=MaskSeparationLoss, feature='masks', weight=0.5),
)

"""CM-NAS (Fu et al., ICCV 2021) with a batch norm per modality everywhere, in the place of the pattern that it found.

That pattern was not released, so this is not CM-NAS as published. The losses are those of the released code.
"""

from mmengine.config import read_base

from haresreid.models import ClassMMDLoss, SeparateNormResNet, SimilarityPreservingLoss

with read_base():
    from .one_stream import *

model.backbone = dict(type=SeparateNormResNet, separate='all', depth=50, pretrained='torchvision://resnet50')
model.criterion.losses.tri.update(margin=0.4, blocks=[((0,), (0,)), ((1,), (1,)), ((0,), (1,)), ((1,), (0,))])
model.criterion.losses.update(
    sp=dict(type=SimilarityPreservingLoss, feature='bn_embed', weight=5.0),
    cmmd=dict(type=ClassMMDLoss, feature='bn_embed', weight=0.05),
)

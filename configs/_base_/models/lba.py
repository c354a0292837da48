"""LbA (Park et al., ICCV 2021): images learn to look like aligned ones of the other modality."""

from mmengine.config import read_base

from haresreid.models import AlignedResNet, DenseTripletLoss, GeneralizedMeanPooling, IDLoss, LbAHead

with read_base():
    from .two_stream import *

model.backbone.update(type=AlignedResNet)
model.head.update(type=LbAHead, pooling=dict(type=GeneralizedMeanPooling, p=3.0), test_feature='pre_bn')
model.criterion.losses.update(
    ic=dict(type=IDLoss, feature=['logits_3', 'logits_4'], weight=1.0),
    **{
        f'dense_{stage}': dict(
            type=DenseTripletLoss,
            features={name: f'{name}_{stage}' for name in ('own', 'positive', 'negative', 'comask')},
            weight=0.5,
        )
        for stage in (3, 4)
    },
)

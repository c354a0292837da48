"""TONE (Ye et al., AAAI 2018) as released: an AlexNet per modality, shared fc7, identity and contrastive loss."""

from haresreid.models import (
    ContrastiveLoss,
    Criterion,
    FullyConnectedHead,
    IDLoss,
    ReIDDataPreprocessor,
    TwoStreamAlexNet,
    VIReID,
)

model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(type=TwoStreamAlexNet, pretrained=None),
    head=dict(type=FullyConnectedHead, in_channels=4096, channels=2048),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits', weight=1.0),
            contrastive=dict(type=ContrastiveLoss, margin=0.5, feature='embed', weight=0.2),
        ),
    ),
    flip_test=False,
)

"""The plain CNN: one ResNet-50 for both modalities, average pooling, BNNeck, identity loss and batch-hard triplet."""

from haresreid.models import (
    BatchHardTripletLoss,
    BNNeckHead,
    Criterion,
    GlobalAveragePooling,
    IDLoss,
    ReIDDataPreprocessor,
    TwoStreamResNet,
    VIReID,
)

model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(type=TwoStreamResNet, depth=50, num_specific=0, pretrained='torchvision://resnet50'),
    head=dict(
        type=BNNeckHead,
        in_channels=2048,
        pooling=dict(type=GlobalAveragePooling),
        test_feature='post_bn',
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits', weight=1.0),
            tri=dict(type=BatchHardTripletLoss, margin=0.3, feature='embed', weight=1.0),
        ),
    ),
    flip_test=False,
)

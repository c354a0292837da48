"""The baseline of TransReID (He et al., ICCV 2021): ViT-B/16, BNNeck, identity loss, batch-hard triplet.

Its weights have passed ImageNet-21k and then ImageNet-1k, with images whose mean and standard deviation were 0.5. Its
positions, ``img_size``, follow from the size of the training images.
"""

from haresreid.models import (
    BatchHardTripletLoss,
    BNNeckHead,
    ClassToken,
    Criterion,
    IDLoss,
    ReIDDataPreprocessor,
    ReIDVisionTransformer,
    VIReID,
)

other_normalization = 'the unified recipe shows every method the same images'
model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(
        type=ReIDVisionTransformer,
        arch='base',
        patch_size=16,
        stride=16,
        drop_path_rate=0.1,
        num_cameras=0,
        num_modalities=0,
        pretrained='https://github.com/huggingface/pytorch-image-models/releases/download/v0.1-vitjx/'
        'jx_vit_base_p16_224-80ecf9dd.pth',
    ),
    head=dict(type=BNNeckHead, in_channels=768, pooling=dict(type=ClassToken), test_feature='pre_bn'),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits', weight=1.0),
            tri=dict(type=BatchHardTripletLoss, margin=None, feature='embed', weight=1.0),
        ),
    ),
    flip_test=False,
)

"""HAResformer at full size with the paper's losses.

Row numbers: docs/en/advanced_guides/haresformer.md, "Readings".
"""

from haresreid.models import (
    CFFM,
    Criterion,
    HCTripletLoss,
    HGAEHead,
    HierarchicalFeatureExtractor,
    IDLoss,
    MMDLoss,
    ReIDDataPreprocessor,
    ResNetEncoder,
    TransformerEncoderStage,
    VIReID,
)

model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(
        type=HierarchicalFeatureExtractor,
        encoder=dict(
            type=ResNetEncoder, depth=50, base_channels=64, strides=(1, 2, 2, 1), pretrained='torchvision://resnet50'
        ),
        img_size=(288, 144),
        patch_sizes=(4, 2, 2, 1),
        stage=dict(type=TransformerEncoderStage, num_heads=1, num_layers=1),
        fusion=dict(type=CFFM, norm_cfg=dict(type='BN')),
        fused_width=2,
    ),
    head=dict(
        type=HGAEHead,
        stage_channels=(256, 512, 1024, 2048),
        add=True,
        hgae=True,
        combine='sum',
        test_feature='post_bn',
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits', weight=1.0),
            hc_tri=dict(type=HCTripletLoss, margin=0.3, feature='embed', weight=2.0),
            mmd=dict(type=MMDLoss, margin=1.4, feature='embed', weight=0.25),
            aux=dict(type=HCTripletLoss, margin=0.3, feature=['cls_4', 'global_agg'], weight=0.5),
        ),
    ),
    flip_test=False,
)

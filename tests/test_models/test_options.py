"""Options that leave a part nothing to work with are refused when it is built, not at the first step, or never."""

import pytest
import torch

from haresreid.models import (
    BatchHardTripletLoss,
    CosineHead,
    DDAGHead,
    LbAHead,
    MaskSeparationLoss,
    ModalityAlleviation,
    PatternHead,
    TwoStreamResNet,
    UnifiedBatchAllTripletLoss,
)


@pytest.mark.parametrize(
    ('part', 'options', 'message'),
    [
        (DDAGHead, dict(in_channels=8, num_classes=2, num_parts=0), 'num_parts must be 1 or more, not 0'),
        (DDAGHead, dict(in_channels=8, num_classes=2, num_heads=0), 'num_heads must be 1 to 8, .* not 0'),
        (DDAGHead, dict(in_channels=8, num_classes=2, num_heads=9), 'num_heads must be 1 to 8, .* not 9'),
        (PatternHead, dict(in_channels=8, num_patterns=0), 'num_patterns must be 1 or more, not 0'),
        (ModalityAlleviation, dict(channels=8, reduction=0), 'reduction must be 1 to 8, .* not 0'),
        (ModalityAlleviation, dict(channels=8, reduction=16), 'reduction must be 1 to 8, .* not 16'),
        (CosineHead, dict(in_channels=8, scale=0), 'scale must be above 0, not 0'),
        (UnifiedBatchAllTripletLoss, dict(scale=-1), 'scale must be above 0, not -1'),
        (BatchHardTripletLoss, dict(blocks=[]), r'blocks must be pairs .* not \[\]'),
        (BatchHardTripletLoss, dict(blocks=[0, 1]), r'blocks must be pairs .* not \[0, 1\]'),
        (BatchHardTripletLoss, dict(blocks=[((0,), (1,), (2,))]), 'blocks must be pairs'),
        (TwoStreamResNet, dict(depth=18, plugins=dict(layer9={})), "plugins has 'layer9', .* layer1, layer2"),
        (TwoStreamResNet, dict(depth=18, visible_modalities=(0, 1)), 'A modality passes one stream'),
    ],
)
def test_what_leaves_nothing_to_work_with_is_refused(part, options, message):
    with pytest.raises(ValueError, match=message):
        part(**options)


def test_a_single_mask_cannot_be_separated(batch):
    with pytest.raises(ValueError, match='MaskSeparationLoss compares the masks'):
        MaskSeparationLoss()(torch.rand(len(batch.labels), 1, 6), batch)


def test_lba_without_aligned_maps_or_classifier_leaves_the_refusal_to_the_loss(batch):
    features = LbAHead(in_channels=8, num_classes=None)((torch.rand(len(batch.labels), 8, 3, 2),), batch)
    assert sorted(features) == ['bn_embed', 'embed']

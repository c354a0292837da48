import pytest
import torch
import torch.nn.functional as F

from haresreid.models import CosineHead
from haresreid.structures import ReIDBatch


def test_logits_are_scaled_cosines():
    torch.manual_seed(0)
    head = CosineHead(in_channels=8, num_classes=5, scale=7.0).eval()
    features = head((torch.randn(3, 8, 4, 2),), ReIDBatch.labelled(torch.arange(3)))
    for feature, logits in zip(features['bn_embed'], features['logits']):
        expected = [7 * F.cosine_similarity(feature, weight, dim=0).item() for weight in head.classifier.weight]
        assert logits.tolist() == pytest.approx(expected, abs=1e-5)


def test_without_classes_there_are_no_logits():
    assert 'logits' not in CosineHead(in_channels=8)((torch.randn(3, 8, 4, 2),), ReIDBatch.labelled(torch.arange(3)))

"""CMTR's features behind its backbone, row by row."""

import pytest
import torch

from haresreid.models import ModalityRemovalHead, ModalityVisionTransformer, ReIDVisionTransformer
from haresreid.structures import ReIDBatch

OPTIONS = dict(
    arch=dict(embed_dims=24, num_layers=2, num_heads=2, feedforward_channels=48),
    img_size=(64, 32),
    patch_size=8,
    stride=8,
)
BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1, 1]))


@pytest.fixture
def backbone():
    torch.manual_seed(0)
    model = ModalityVisionTransformer(**OPTIONS)
    model.eval()
    return model


def test_the_backbone_returns_the_embedding_that_its_tokens_have(backbone):
    images = torch.randn(3, 3, 64, 32)
    plain = ReIDVisionTransformer(**OPTIONS, num_modalities=2, side_weight=1.0)
    plain.load_state_dict(backbone.state_dict())
    plain.eval()
    with torch.no_grad():
        (modality, tokens), batch = backbone(images, BATCH)
        torch.testing.assert_close(tokens, plain(images, BATCH)[0][0])
    assert batch is BATCH and tokens.shape == (3, 33, 24)
    for row, kind in enumerate((0, 1, 1)):
        assert torch.equal(modality[row], backbone.modality_embed[kind, 0])
    assert backbone.needs_modalities and list(backbone.stages()) == ['block1', 'block2']


def test_the_feature_loses_what_is_known_of_its_modality():
    torch.manual_seed(0)
    head = ModalityRemovalHead(24, num_classes=5, pooling=dict(type='ClassToken')).eval()
    modality, tokens = torch.randn(3, 24), torch.randn(3, 33, 24)
    with torch.no_grad():
        features = head((modality, tokens), BATCH)
        for row in range(3):
            removed = tokens[row, 0] - head.knowledge.weight @ modality[row]
            torch.testing.assert_close(features['embed'][row], removed)
            torch.testing.assert_close(features['token'][row], tokens[row, 0])
            normed = removed / (1 + head.bnneck.eps) ** 0.5 * head.bnneck.weight
            torch.testing.assert_close(features['bn_embed'][row], normed)
            torch.testing.assert_close(features['logits'][row], head.classifier.weight @ normed)
    assert head.retrieval_feature == 'bn_embed' and head.knowledge.bias is None


def test_the_embedding_learns_through_the_head_too(backbone):
    head = ModalityRemovalHead(24, pooling=dict(type='ClassToken'))
    (modality, tokens), batch = backbone(torch.randn(3, 3, 64, 32), BATCH)
    head((modality, tokens.detach()), batch)['embed'].square().sum().backward()
    assert (backbone.modality_embed.grad.abs().amax((1, 2)) > 0).all()

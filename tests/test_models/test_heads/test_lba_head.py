import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.models import (
    AlignedResNet,
    BatchHardTripletLoss,
    Criterion,
    DenseTripletLoss,
    GeneralizedMeanPooling,
    IDLoss,
    LbAHead,
    VIReID,
)
from haresreid.models.layers.dense_correspondence import draw_partners
from haresreid.registry import MODELS

from ..steps import check_step

DENSE = {
    f'dense_{stage}': dict(
        type=DenseTripletLoss,
        features={name: f'{name}_{stage}' for name in ('own', 'positive', 'negative', 'comask')},
        weight=0.5,
    )
    for stage in (3, 4)
}
MODEL = dict(
    type=VIReID,
    backbone=dict(type=AlignedResNet, depth=18, base_channels=8),
    head=dict(
        type=LbAHead,
        num_classes=6,
        in_channels=64,
        pooling=dict(type=GeneralizedMeanPooling, p=3.0),
        test_feature='pre_bn',
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits'),
            tri=dict(type=BatchHardTripletLoss, feature='embed'),
            ic=dict(type=IDLoss, feature=['logits_3', 'logits_4']),
            **DENSE,
        ),
    ),
)


@pytest.fixture
def model() -> VIReID:
    torch.manual_seed(0)
    return MODELS.build(MODEL).double().train()


def min_max(x: Tensor) -> Tensor:
    flat = x.flatten(1)
    flat = flat - flat.min(1, keepdim=True).values
    return (flat / (flat.max(1, keepdim=True).values + 1e-12)).view_as(x)


def dense(x: Tensor, positive: Tensor, negative: Tensor) -> tuple[Tensor, Tensor]:
    """The positive reconstruction of maps, (8, C, h, w), and their dense triplet loss."""
    mask = min_max(x.norm(dim=1)).detach()  # (8, h, w)
    unit = x / x.norm(dim=1, keepdim=True)
    reconstructions, matchings = [], []
    for rows in (positive, negative):
        cosines = torch.einsum('bchw, bcij -> bhwij', unit, unit[rows])
        matching = (50 * cosines).flatten(3).softmax(3).view_as(cosines)
        warped = torch.einsum('bhwij, bcij -> bchw', matching, x[rows])
        reconstructions.append(mask[:, None] * warped + (1 - mask[:, None]) * x)
        matchings.append(matching)
    seen = torch.einsum('bhwij, bij -> bhw', matchings[0], mask[positive])
    comask = min_max(mask * seen).detach()
    near, far = ((x - other + 1e-6).square().sum(1).sqrt() for other in reconstructions)
    return reconstructions[0], (comask * (near - far + 0.3).clamp(min=0)).mean()


def expected_loss(model: VIReID, images: Tensor, batch) -> Tensor:
    """LbA's loss, written out; only the ResNet's stages and the draw of the partners are called."""
    *stages, last = model.backbone.encoder_stages
    map3 = images
    for stage in stages:
        map3 = stage(map3, batch)
    map4 = last(map3, batch)
    reconstructed3, dense3 = dense(map3, *draw_partners(batch))
    reconstructed4, dense4 = dense(map4, *draw_partners(batch))

    pooled = [(x.pow(3).mean((2, 3)) + 1e-12).pow(1 / 3) for x in (map4, last(reconstructed3, batch), reconstructed4)]
    norms = [(x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt() for x in pooled]
    logits = [(norm * model.head.bnneck.weight) @ model.head.classifier.weight.T for norm in norms]

    same = batch.labels[:, None] == batch.labels
    distances = torch.cdist(pooled[0], pooled[0])
    hardest = (distances * same).amax(1) - distances.masked_fill(same, torch.inf).amin(1)
    triplet = (hardest + 0.3).clamp(min=0).mean()
    return sum(F.cross_entropy(scores, batch.labels) for scores in logits) + triplet + 0.5 * (dense3 + dense4)


def test_a_step_is_the_methods_own(model, images, samples, batch):
    images = images.double()
    recipe = dict(momentum=0.9, weight_decay=5e-4, nesterov=True)
    check_step(model, images, samples, lambda model: expected_loss(model, images, batch), **recipe)
    assert model.backbone.layer4[0].bn1.num_batches_tracked == 2 and model.head.bnneck.num_batches_tracked == 3


def test_at_test_time_nothing_is_aligned(model, images, samples, batch):
    model.eval()
    with torch.no_grad():
        feats, _ = model.extract_feat(images.double(), batch)
        features = model.head(feats, batch)
        predicted = model(images.double(), samples, mode='predict')
    assert len(feats) == 1 and features.keys() == {'embed', 'bn_embed', 'logits'}
    expected = F.normalize(features['embed'].float())
    assert torch.equal(torch.stack([sample.pred_feature for sample in predicted]), expected)

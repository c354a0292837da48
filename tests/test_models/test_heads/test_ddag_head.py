import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.models import (
    BatchHardTripletLoss,
    Criterion,
    DDAGHead,
    IDLoss,
    InverseOf,
    TwoStreamResNet,
    VIReID,
)
from haresreid.registry import MODELS

from ..steps import check_step

WEIGHT = 0.25  # of the graph, 1 / (1 + L) with L = 3
MODEL = dict(
    type=VIReID,
    backbone=dict(type=TwoStreamResNet, depth=18, base_channels=8),
    head=dict(type=DDAGHead, num_classes=6, in_channels=64),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits'),
            tri=dict(type=BatchHardTripletLoss, feature='embed'),
            part=dict(type=IDLoss, feature='part_logits'),
            graph=dict(type=IDLoss, feature='graph_logits', weight=dict(type=InverseOf, loss=['id', 'tri', 'part'])),
        ),
    ),
)


@pytest.fixture
def model() -> VIReID:
    torch.manual_seed(0)
    return MODELS.build(MODEL).double().train()


def norm(x: Tensor, weight: Tensor) -> Tensor:
    """Batch norm by the batch's own statistics."""
    return weight * (x - x.mean(0)) / (x.var(0, unbiased=False) + 1e-5).sqrt()


def expected_loss(model: VIReID, images: Tensor, batch) -> Tensor:
    """DDAG's loss, written out; only the ResNet is called."""
    head, labels = model.head, batch.labels
    x = model.backbone(images, batch)[0][-1]  # (8, 64, 6, 3)
    pool = x.mean((2, 3))
    feat = norm(pool, head.bnneck.weight)

    parts = x.reshape(8, 64, 3, 2, 3).mean((3, 4))  # (8, 64, 3)
    attention = head.part_attention
    query, key, value = (
        torch.einsum('oc, bcp -> bop', conv.weight[:, :, 0, 0], parts) + conv.bias[:, None]
        for conv in (attention.query, attention.key, attention.value)
    )
    shares = torch.einsum('bci, bcj -> bij', query, key).softmax(2)
    context = torch.einsum('bij, bcj -> bci', shares, value)
    part_feat = norm(feat + (context * attention.gate.softmax(0)).sum(2), attention.norm.weight)

    edges = labels[:, None] == labels
    nodes = F.dropout(pool, 0.2)

    def graph(layer, nodes):
        hidden = nodes @ layer.W
        pairs = torch.cat((hidden[:, None].expand(8, 8, -1), hidden.expand(8, 8, -1)), dim=2)  # [h_i, h_j]
        scores = F.leaky_relu(pairs @ layer.a, 0.2)[..., 0]
        return F.dropout(scores.where(edges, torch.tensor(-9e15).double()).softmax(1), 0.2) @ hidden

    nodes = torch.cat([F.elu(graph(layer, nodes)) for layer in head.graph_attention.heads], dim=1)
    scores = F.elu(graph(head.graph_attention.out, F.dropout(nodes, 0.2)))

    distances = torch.cdist(pool, pool)
    hardest = (distances * edges).amax(1) - distances.masked_fill(edges, torch.inf).amin(1)
    total = (hardest + 0.3).clamp(min=0).mean()
    for logits in (feat @ head.classifier.weight.T, part_feat @ head.classifier.weight.T):
        total = total + F.cross_entropy(logits, labels)
    return total + WEIGHT * F.nll_loss(scores.log_softmax(1), labels)


def test_a_step_is_the_methods_own(model, images, samples, batch):
    images = images.double()
    model.criterion.update_weights(0.5, dict(id=1.5, tri=0.5, part=1.0, graph=7.0))
    recipe = dict(momentum=0.9, weight_decay=5e-4, nesterov=True)
    check_step(model, images, samples, lambda model: expected_loss(model, images, batch), **recipe)


def test_at_test_time_there_is_no_graph_and_the_part_feature_ranks(model, images, samples, batch):
    model.eval()
    with torch.no_grad():
        features = model.head(*model.extract_feat(images.double(), batch))
        predicted = model(images.double(), samples, mode='predict')
    assert features.keys() == {'embed', 'bn_embed', 'logits', 'part_embed'}
    expected = F.normalize(features['part_embed'].float())
    assert torch.equal(torch.stack([sample.pred_feature for sample in predicted]), expected)


def test_without_classes_there_is_neither_classifier_nor_graph(batch, images):
    head = MODELS.build(dict(type=DDAGHead, in_channels=64, test_feature='post_bn')).train()
    features = head((torch.randn(8, 64, 6, 3),), batch)
    assert features.keys() == {'embed', 'bn_embed', 'part_embed'} and head.retrieval_feature == 'bn_embed'

import math

import pytest
import torch
import torch.nn.functional as F

from haresreid.models import ClusterContrastLoss, ClusterMemory, CrossClusterContrastLoss
from haresreid.structures import ReIDBatch

LABELS = torch.tensor([3, 0, 3, 1, 0, 1, 1])  # of 5 visible and 2 infrared clusters
MODALITIES = torch.tensor([0, 0, 0, 0, 1, 1, 1])
PARTNERS = {0: torch.tensor([1, -1, 0, 1, 0]), 1: torch.tensor([2, 3])}


@pytest.fixture
def batch():
    return ReIDBatch.labelled(LABELS, MODALITIES)


@pytest.fixture
def feats():
    return torch.randn(7, 6, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def make_memory(momentum=0.2, **changes):
    generator = torch.Generator().manual_seed(1)
    means = {
        kind: F.normalize(torch.randn(size, 6, generator=generator, dtype=torch.float64))
        for kind, size in ((0, 5), (1, 2))
    }
    return ClusterMemory(means, **{'partners': PARTNERS, 'momentum': momentum, **changes})


def cross_entropy(feat, means, right, temperature):
    cosines = [float(feat @ mean / feat.norm()) / temperature for mean in means]
    return math.log(sum(map(math.exp, cosines))) - cosines[right]


def test_equals_a_loop_over_images(feats, batch):
    memory = make_memory()
    loss = ClusterContrastLoss(temperature=0.5)
    loss.memory = memory
    expected = 0
    for kind in (0, 1):
        rows = [row for row in range(7) if MODALITIES[row] == kind]
        terms = [cross_entropy(feats[row], memory.means[kind], LABELS[row], 0.5) for row in rows]
        expected += sum(terms) / len(terms)
    assert loss(feats, batch).item() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize('epoch', [0, 1, 2])
def test_across_modalities_one_direction_counts_in_an_epoch(feats, batch, epoch):
    memory = make_memory()
    loss = CrossClusterContrastLoss(temperature=0.5)
    loss.memory = memory
    loss.set_epoch(epoch)
    own = epoch % 2
    terms = [
        cross_entropy(feats[row], memory.means[1 - own], PARTNERS[own][LABELS[row]], 0.5)
        for row in range(7)
        if MODALITIES[row] == own and PARTNERS[own][LABELS[row]] >= 0
    ]
    assert len(terms) == 3  # of visible images one has no partner
    assert loss(feats, batch).item() == pytest.approx(sum(terms) / 3, abs=1e-12)


def test_without_partners_nothing_is_compared_across_modalities(feats, batch):
    loss = CrossClusterContrastLoss()
    assert loss(feats, batch) == 0
    loss.memory = make_memory(partners={})
    assert loss(feats, batch) == 0
    loss.memory = make_memory(partners={0: torch.full((5,), -1), 1: torch.full((2,), -1)})
    assert loss(feats, batch) == 0


def test_a_step_brings_images_nearer_to_their_clusters(feats, batch):
    loss = ClusterContrastLoss()
    loss.memory = make_memory()
    before = loss(feats.requires_grad_(), batch)
    before.backward()
    assert loss(feats.detach() - 0.01 * feats.grad, batch) < before


def test_without_clusters_it_says_what_is_missing(feats, batch):
    with pytest.raises(ValueError, match='ClusterContrastLoss needs clusters: add a ClusterHook to custom_hooks'):
        ClusterContrastLoss()(feats, batch)


def test_memory_follows_the_images_one_after_the_other(feats, batch):
    memory = make_memory(momentum=0.3)
    expected = {kind: [row.tolist() for row in means] for kind, means in memory.means.items()}
    for row in range(7):
        kind, label = int(MODALITIES[row]), int(LABELS[row])
        feat = [value / math.sqrt(sum(x * x for x in feats[row].tolist())) for value in feats[row].tolist()]
        moved = [0.3 * old + 0.7 * new for old, new in zip(expected[kind][label], feat)]
        expected[kind][label] = [value / math.sqrt(sum(x * x for x in moved)) for value in moved]
    memory.see(feats, batch)
    memory.update()
    for kind in (0, 1):
        assert torch.allclose(memory.means[kind], torch.tensor(expected[kind], dtype=torch.float64), atol=1e-12)
    after = {kind: means.clone() for kind, means in memory.means.items()}
    memory.update()  # a batch counts once
    assert all(torch.equal(memory.means[kind], after[kind]) for kind in (0, 1))


def test_partners_share_a_feature_before_and_after_an_update(feats, batch):
    partners = {0: torch.tensor([-1, 1, -1, 0, -1]), 1: torch.tensor([3, 1])}
    apart, shared = (make_memory(partners=partners, aggregate=aggregate) for aggregate in (False, True))
    for memory in (apart, shared):
        memory.see(feats, batch)
    for _ in range(2):
        for visible, infrared in ((1, 1), (3, 0)):
            mean = F.normalize(apart.means[0][visible] + apart.means[1][infrared], dim=0)
            assert torch.allclose(shared.means[0][visible], mean)
            assert torch.equal(shared.means[0][visible], shared.means[1][infrared])
        for alone in (0, 2, 4):
            assert torch.equal(shared.means[0][alone], apart.means[0][alone])
        apart.means = dict(shared.means)
        apart.update()
        shared.update()


def test_the_loss_does_not_reach_the_memory_before_the_update(feats, batch):
    loss = ClusterContrastLoss()
    loss.memory = make_memory()
    before = {kind: means.clone() for kind, means in loss.memory.means.items()}
    first, second = loss(feats, batch), loss(feats, batch)
    assert torch.equal(first, second)
    assert all(torch.equal(loss.memory.means[kind], before[kind]) for kind in (0, 1))

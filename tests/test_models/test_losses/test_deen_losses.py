"""The two losses of DEEN: golden values of the official ones, and slow references."""

import json
from pathlib import Path

import pytest
import torch

from haresreid.models import BatchHardTripletLoss, BranchOrthogonalityLoss, CenterPairMiningLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())
SIZES = [(4, 4), (6, 4), (8, 4), (6, 8)]


def make(golden_batch, sizes, groups):
    """Features in the order of the branches, and their batch; rows of an image share an item."""
    feats, labels, modalities = golden_batch(*sizes, groups=groups)
    rows = len(labels) * 2 // groups
    return feats, ReIDBatch.labelled(labels[:rows], modalities[:rows]).repeat(groups // 2, step=2)


@pytest.mark.parametrize('sizes', SIZES)
@pytest.mark.parametrize(
    'name, loss, groups',
    [
        ('cpm_0.2', CenterPairMiningLoss(), 4),
        ('cpm_both', CenterPairMiningLoss(), 6),
        ('ort', BranchOrthogonalityLoss(), 6),
        ('tri_3B', BatchHardTripletLoss(), 6),
    ],
)
def test_equals_the_official_loss(golden_batch, sizes, name, loss, groups):
    feats, batch = make(golden_batch, sizes, groups)
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    value = loss(feats[order], batch.take(order))
    value.backward()
    expected, gradient = GOLDEN[f'deen_{name} P{sizes[0]}K{sizes[1]}']
    assert value.item() == pytest.approx(expected, rel=1e-8)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-6)


def slow_pair_mining(feats, batch, margin):
    def center(pid, group):
        return feats[(batch.labels == pid) & (batch.modalities == group)].mean(0)

    def distance(one, other):
        return (center(*one) - center(*other)).norm().item()

    people = [
        pid for pid in set(batch.labels.tolist()) if set(batch.modalities[batch.labels == pid].tolist()) == {*range(6)}
    ]
    total = 0
    for branch in (1, 2):
        for first, expanded in ((1, 2 * branch), (0, 2 * branch + 1)):
            base = 1 - first
            for pid in people:
                across = distance((pid, first), (pid, expanded))
                others = [other for other in people if other != pid]
                total += max(across - distance((pid, base), (pid, expanded)) + margin, 0) / len(people) / 2
                for group in (expanded, base):
                    nearest = min(distance((pid, group), (other, group)) for other in others)
                    total += max(across - nearest + margin, 0) / len(people) / 4
    return total


def test_pair_mining_equals_a_loop_over_identities(ragged_batch):
    feats, labels, modalities = ragged_batch
    batch = ReIDBatch.labelled(labels, modalities).repeat(3, step=2)
    feats = torch.cat((feats, feats.flip(1), feats.roll(5, 1)))
    value = CenterPairMiningLoss(margin=0.5)(feats, batch)
    assert value.item() == pytest.approx(slow_pair_mining(feats, batch, 0.5), rel=1e-10)


def test_orthogonality_by_hand():
    feats = torch.tensor([[9.0, 9.0], [9.0, 9.0], [1.0, 2.0], [0.0, 3.0], [3.0, 1.0], [5.0, 0.0]])
    batch = ReIDBatch.labelled(torch.tensor([0, 1]), torch.tensor([0, 1])).repeat(3, step=2)
    assert BranchOrthogonalityLoss()(feats, batch).item() == pytest.approx(5 / 6)

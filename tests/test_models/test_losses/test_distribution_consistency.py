import json
from pathlib import Path

import pytest
import torch

from haresreid.models import DistributionConsistencyLoss
from haresreid.structures import ReIDBatch

from ...test_converters.test_golden_mmn import fill_projector

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


def build(**options) -> DistributionConsistencyLoss:
    torch.manual_seed(0)
    return DistributionConsistencyLoss(in_channels=24, channels=8, **options).double()


def slow_consistency(loss, feats, labels, modalities):
    """Row by row, with a partner found by counting; batch norms written out."""
    first, norm_1, _, second, norm_2 = loss.projector

    def normalise(rows):
        return [row / row.norm() for row in rows]

    def batch_norm(rows, norm):
        rows = torch.stack(rows)
        spread = (rows.var(0, unbiased=False) + norm.eps).sqrt()
        return list((rows - rows.mean(0)) / spread * norm.weight + norm.bias)

    middle = [row for row in range(len(feats)) if modalities[row] in (2, 3)]
    hidden = batch_norm([first.weight @ row for row in normalise(feats[row] for row in middle)], norm_1)
    out = batch_norm([second.weight @ row.clamp(min=0) + second.bias for row in hidden], norm_2)
    projected = dict(zip(middle, normalise(out)))
    total = []
    for pid in set(labels.tolist()):
        visible, infrared = (
            [row for row in middle if labels[row] == pid and modalities[row] == kind] for kind in (2, 3)
        )
        total += [(projected[a] - projected[b]).norm() for a, b in zip(visible, infrared)]
    return sum(total) / len(total)


def test_equals_a_loop_over_rows(ragged_batch):
    feats, labels, modalities = ragged_batch
    feats, labels = torch.cat((feats, feats.flip(1))), labels.repeat(2)
    modalities = torch.cat((modalities, modalities + 2))
    loss = build()
    value = loss(feats, ReIDBatch.labelled(labels, modalities))
    expected = slow_consistency(loss, feats, labels, modalities)
    assert value.item() == pytest.approx(expected.item(), abs=1e-12)


@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4), (6, 8)])
def test_equals_the_official_loss(golden_batch, num_ids, num_instances):
    feats, labels, modalities = golden_batch(num_ids, num_instances, width=2048)
    loss = DistributionConsistencyLoss(in_channels=2048).double()
    fill_projector(loss)
    order = torch.randperm(len(labels) // 2, generator=torch.Generator().manual_seed(0)).repeat(2)
    order[len(order) // 2 :] += len(order) // 2  # pairs stay pairs
    value = loss(feats[order], ReIDBatch.labelled(labels[order], modalities[order] + 2))
    value.backward()
    expected, gradient = GOLDEN[f'mmn_dcl P{num_ids}K{num_instances}']
    assert value.item() == pytest.approx(expected, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


def test_gradients_pass_a_frozen_projector_that_does_not_learn(golden_batch):
    feats, labels, modalities = golden_batch(4, 4, groups=4)
    loss = DistributionConsistencyLoss(in_channels=16, frozen=True).double()
    loss(feats, ReIDBatch.labelled(labels, modalities)).backward()
    assert not any(parameter.requires_grad for parameter in loss.parameters())
    assert (feats.grad[modalities < 2] == 0).all() and (feats.grad[modalities >= 2].abs().sum(1) > 0).all()


def test_a_trained_projector_brings_the_pairs_nearer(golden_batch):
    feats, labels, modalities = golden_batch(4, 4, groups=4)
    batch = ReIDBatch.labelled(labels, modalities)
    loss = DistributionConsistencyLoss(in_channels=16).double()
    before = loss(feats, batch)
    before.backward()
    with torch.no_grad():
        for parameter in loss.parameters():
            parameter -= 0.01 * parameter.grad
        assert loss(feats, batch) < before

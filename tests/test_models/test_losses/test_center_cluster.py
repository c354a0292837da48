import json
from pathlib import Path

import pytest
import torch

from haresreid.models import CenterClusterLoss
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())


def slow_center_cluster(feats, labels, margin):
    centers = {pid: feats[labels == pid].mean(0) for pid in set(labels.tolist())}
    pull = sum((x - centers[pid]).norm() for x, pid in zip(feats, labels.tolist())) / len(feats)
    anchors = []
    for pid, center in centers.items():
        hinges = [
            max(margin - (center - other).norm(), feats.new_zeros(())) for c, other in centers.items() if c != pid
        ]
        anchors.append(sum(hinges) / len(hinges))
    return pull + sum(anchors) / len(anchors)


@pytest.mark.parametrize('scale', [1.0, 0.2])  # at the smaller one the hinge is active
@pytest.mark.parametrize('num_ids, num_instances', [(4, 4), (6, 4), (8, 4), (6, 8)])
def test_equals_the_published_code(golden_batch, num_ids, num_instances, scale):
    value, gradient = GOLDEN[f'mpa_cc_0.7 scale{scale} P{num_ids}K{num_instances}']
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    feats = (scale * feats).detach().requires_grad_()
    loss = CenterClusterLoss()(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.7, 12.0])
def test_equals_a_loop_over_images_and_centres(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    loss = CenterClusterLoss(margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert loss.item() == pytest.approx(slow_center_cluster(feats, labels, margin).item(), abs=tolerance)


def test_value_by_hand():
    # centres 1 and 1.5: images 1 and .5 away, hinge .7 - .5 for both
    feats, labels = torch.tensor([[0.0], [2.0], [1.0], [2.0]]), torch.tensor([3, 3, 8, 8])
    assert CenterClusterLoss()(feats, ReIDBatch.labelled(labels)).item() == pytest.approx(0.75 + 0.2)


def test_equal_features_give_the_collapse_value_and_finite_gradients(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    feats, loss = torch.ones(32, 8, requires_grad=True), CenterClusterLoss()
    value = loss(feats, ReIDBatch.labelled(labels, modalities))
    value.backward()
    assert value.item() == pytest.approx(loss.collapse_value(None)) == pytest.approx(0.7)
    assert feats.grad.isfinite().all()


def test_one_identity_is_refused():
    with pytest.raises(ValueError, match='CenterClusterLoss wants two identities'):
        CenterClusterLoss()(torch.randn(4, 2), ReIDBatch.labelled(torch.zeros(4, dtype=torch.long)))

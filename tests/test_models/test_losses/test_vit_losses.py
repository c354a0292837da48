"""Losses of TransReID and PMT against loops over images, and against numbers that the released codes gave."""

import json
from pathlib import Path

import pytest
import torch

from haresreid.config.config import load_config
from haresreid.models import (
    BatchHardTripletLoss,
    Criterion,
    DiscriminativeCenterLoss,
    ModalitySharedEnhancementLoss,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

ROOT = Path(__file__).parents[3]
GOLDEN = json.loads((ROOT / 'tests/data/golden/losses_vit.json').read_text())
SIZES = [(4, 4), (8, 4), (6, 8)]
WITHIN = [((0,), (0,)), ((1,), (1,))]
LOSSES = dict(
    pmt_msel=(ModalitySharedEnhancementLoss(), 1),
    pmt_dcl=(DiscriminativeCenterLoss(), 1),
    pmt_tri_0_1=(BatchHardTripletLoss(0.1), 1),
    pmt_tri_intra_0_1=(BatchHardTripletLoss(0.1, WITHIN), 2),  # the sum of the modalities, ours is the mean
    transreid_tri_soft=(BatchHardTripletLoss(None), 1),
)


@pytest.mark.parametrize('num_ids, num_instances', SIZES)
@pytest.mark.parametrize('name', LOSSES)
def test_equals_the_released_code(golden_batch, name, num_ids, num_instances):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss, weight = LOSSES[name]
    value = weight * loss(feats, ReIDBatch.labelled(labels, modalities))
    value.backward()
    expected, gradient = GOLDEN[f'{name.replace("_0_1", "_0.1")} P{num_ids}K{num_instances}']
    assert value.item() == pytest.approx(expected, rel=1e-9)
    assert feats.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-7)


@pytest.mark.parametrize('num_ids, num_instances', SIZES)
def test_the_losses_of_transreids_config_add_up_to_those_of_its_code(num_ids, num_instances):
    """Scores and features j: the formula of the golden features with 0.3 j added inside the sine."""
    losses = load_config(str(ROOT / 'configs/_base_/models/transreid.py')).model.criterion.losses
    rows = torch.arange(2 * num_ids * num_instances, dtype=torch.float64).unsqueeze(1)
    features = {}
    for j, names in enumerate([('global', 'global_logits'), *((f'local_{i}', f'logits_{i}') for i in range(1, 5))]):
        for name, width in zip(names, (16, num_ids)):
            columns = torch.arange(width, dtype=torch.float64)
            phase = 0.7 * (rows + 1) + 0.13 * (columns + 1) * (rows % 5 + 1)
            features[name] = torch.sin(phase + 0.3 * j).requires_grad_()
    labels = torch.arange(num_ids).repeat_interleave(num_instances).repeat(2)
    terms = Criterion(losses)(features, ReIDBatch.labelled(labels))
    total = sum(value for name, value in terms.items() if name.startswith('loss_'))
    total.backward()
    expected, gradient = GOLDEN[f'transreid_jpm_total P{num_ids}K{num_instances}']
    assert total.item() == pytest.approx(expected, rel=1e-9)
    found = sum(feature.grad.abs().sum() for feature in features.values())
    assert found.item() == pytest.approx(gradient, rel=1e-7)


def slow_enhancement(feats, labels, modalities):
    by_modality = {}
    for row in range(len(feats)):
        mean = {}
        for same in (True, False):
            others = [
                (feats[row] - feats[other]).norm()
                for other in range(len(feats))
                if other != row
                and labels[other] == labels[row]
                and (modalities[other] == modalities[row]).item() == same
            ]
            mean[same] = torch.stack(others).mean() if others else None
        if None not in mean.values():
            by_modality.setdefault(int(modalities[row]), []).append((mean[False] - mean[True]) ** 2)
    return sum(torch.stack(gaps).mean() for gaps in by_modality.values()) / 2


def slow_center(feats, labels):
    ids = sorted(set(labels.tolist()))
    own, near = [], []
    for pid in ids:
        center = feats[labels == pid].mean(0)
        own.append(torch.stack([(row - center).norm() for row in feats[labels == pid]]).mean())
        strangers = [(row - center).norm() for row in feats[labels != pid]]
        mean = sum(strangers) / len(strangers)
        near.append(torch.stack([distance for distance in strangers if distance < mean]).mean())
    return torch.stack(own).mean() / torch.stack(near).mean()


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_equal_loops_over_images(ragged_batch, dtype, tolerance):
    feats, labels, modalities = ragged_batch
    batch = ReIDBatch.labelled(labels, modalities)
    expected = slow_enhancement(feats, labels, modalities).item()
    assert ModalitySharedEnhancementLoss()(feats.to(dtype), batch).item() == pytest.approx(expected, rel=tolerance)
    expected = slow_center(feats, labels).item()
    assert DiscriminativeCenterLoss()(feats.to(dtype), batch).item() == pytest.approx(expected, rel=tolerance)


def test_values_by_hand():
    # one identity on a line: visible 0 and 2, infrared 3 and 7: m_x - m_in is 3, 1, -2, 2
    line = torch.tensor([[0.0], [2.0], [3.0], [7.0]])
    batch = ReIDBatch.labelled(torch.zeros(4, dtype=torch.long), torch.tensor([0, 0, 1, 1]))
    assert ModalitySharedEnhancementLoss()(line, batch).item() == pytest.approx(((9 + 1) / 2 + (4 + 4) / 2) / 2)
    # centres 1 and 11, own distances 1; near strangers 9 (of 9 and 11) from both sides
    line = torch.tensor([[0.0], [2.0], [10.0], [12.0]])
    batch = ReIDBatch.labelled(torch.tensor([3, 3, 5, 5]))
    assert DiscriminativeCenterLoss()(line, batch).item() == pytest.approx(1 / 9)


@pytest.mark.parametrize('loss', [ModalitySharedEnhancementLoss(), DiscriminativeCenterLoss()])
def test_are_invariant_under_relabelling_permutation_and_exchange_of_the_modalities(golden_batch, loss):
    feats, labels, modalities = golden_batch(4, 4)
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    batch = ReIDBatch.labelled(394 - 17 * labels[order], 1 - modalities[order])
    assert loss(feats[order], batch).item() == pytest.approx(expected, abs=1e-12)


def test_equal_features_are_no_error(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    feats = torch.ones(len(labels), 8, requires_grad=True)
    for loss in (ModalitySharedEnhancementLoss(), DiscriminativeCenterLoss()):
        value = loss(feats, ReIDBatch.labelled(labels, modalities))
        value.backward()
        assert value.item() == 0 and feats.grad.isfinite().all()


@pytest.mark.parametrize(
    'loss, labels, modalities',
    [
        (ModalitySharedEnhancementLoss(), [0, 0, 1, 1], [0, 0, 1, 1]),
        (ModalitySharedEnhancementLoss(), [0, 1, 0, 1], [0, 0, 1, 1]),
        (DiscriminativeCenterLoss(), [4, 4, 4, 4], [0, 0, 1, 1]),
    ],
)
def test_batches_that_leave_nothing_to_compare_are_refused(loss, labels, modalities):
    with pytest.raises(ValueError, match=f'{type(loss).__name__} wants'):
        loss(torch.randn(4, 8), ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities)))


def test_a_step_of_each_lowers_it(golden_batch):
    for loss in (ModalitySharedEnhancementLoss(), DiscriminativeCenterLoss()):
        feats, labels, modalities = golden_batch(4, 4)
        batch = ReIDBatch.labelled(labels, modalities)
        before = loss(feats, batch)
        before.backward()
        assert loss(feats.detach() - 0.05 * feats.grad, batch) < before


def test_configs_name_them():
    assert isinstance(MODELS.build(dict(type='haresreid.DiscriminativeCenterLoss')), DiscriminativeCenterLoss)

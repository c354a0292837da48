import json
from pathlib import Path

import pytest
import torch

from haresreid.models import DenseTripletLoss
from haresreid.models.layers.dense_correspondence import align, draw_partners, foreground
from haresreid.structures import ReIDBatch

GOLDEN = json.loads((Path(__file__).parents[2] / 'data/golden/losses_wave2.json').read_text())
PAIRS = [(2, 1), (3, 2), (6, 4)]


def golden_maps(count: int) -> torch.Tensor:
    axes = (torch.arange(size, dtype=torch.float64) for size in (count, 8, 6, 3))
    n, c, y, x = torch.meshgrid(*axes, indexing='ij')
    maps = torch.sin(0.7 * (n + 1) + 0.13 * (c + 1) * (n % 5 + 1) + 0.4 * y - 0.3 * x * (n % 3 + 1))
    return maps.requires_grad_()


def scaled(values):
    """To 0 to 1."""
    low = min(values)
    return [(value - low) / (max(values) - low + 1e-12) for value in values]


def slow_align(maps, positive, negative):
    """Position by position."""
    positions = [(y, x) for y in range(maps.size(2)) for x in range(maps.size(3))]
    masks = [scaled([image[:, y, x].norm() for y, x in positions]) for image in maps]
    outputs = []
    for image, own in enumerate(maps):
        warped, seen = {}, []
        for partner in (positive[image], negative[image]):
            other, rows = maps[partner], []
            for y, x in positions:
                vector = own[:, y, x]
                cosines = torch.stack(
                    [vector @ other[:, v, u] / (vector.norm() * other[:, v, u].norm()) for v, u in positions]
                )
                share = (50 * cosines).exp() / (50 * cosines).exp().sum()
                rows.append(sum(weight * other[:, v, u] for weight, (v, u) in zip(share, positions)))
                if partner == positive[image]:
                    seen.append(sum(weight * value for weight, value in zip(share, masks[partner])))
            warped[partner] = [
                m * row + (1 - m) * own[:, y, x] for m, row, (y, x) in zip(masks[image], rows, positions)
            ]
        comask = scaled([m * s for m, s in zip(masks[image], seen)])
        outputs.append((warped[positive[image]], warped[negative[image]], comask))
    return outputs


def test_equals_loops_over_images_and_positions():
    maps = torch.rand(4, 5, 3, 2, dtype=torch.float64)
    positive, negative = [2, 3, 0, 1], [3, 2, 1, 0]
    aligned = align(maps, torch.tensor(positive), torch.tensor(negative))
    for image, expected in enumerate(slow_align(maps, positive, negative)):
        for found, values in zip((aligned.positive, aligned.negative), expected[:2]):
            torch.testing.assert_close(found[image].flatten(1).T, torch.stack(values), rtol=0, atol=1e-12)
        torch.testing.assert_close(aligned.comask[image].flatten(), torch.stack(expected[2]), rtol=0, atol=1e-12)


def test_masks_have_no_gradient():
    maps = torch.rand(4, 5, 3, 2).requires_grad_()
    partners = torch.tensor([2, 3, 0, 1]), torch.tensor([3, 2, 1, 0])
    assert not foreground(maps).requires_grad and not align(maps, *partners).comask.requires_grad


@pytest.mark.parametrize('num_ids, num_instances', PAIRS)
def test_golden_reconstructions(num_ids, num_instances):
    name = f'P{num_ids}K{num_instances}'
    maps, pairs = golden_maps(2 * num_ids * num_instances), GOLDEN['lba_pairs'][name]
    aligned = align(maps, torch.tensor(pairs['pos']), torch.tensor(pairs['neg']))
    squares = aligned.positive.square().sum()
    squares.backward()
    value, gradient = GOLDEN[f'lba_recon_sum_of_squares {name}']
    assert squares.item() == pytest.approx(value, rel=1e-9)
    assert maps.grad.abs().sum().item() == pytest.approx(gradient, rel=1e-8)


@pytest.mark.parametrize('form, across_batch', [('official', True), ('own_comask', False)])
@pytest.mark.parametrize('num_ids, num_instances', PAIRS)
def test_golden_dense_triplets(num_ids, num_instances, form, across_batch):
    name = f'P{num_ids}K{num_instances}'
    maps, pairs = golden_maps(2 * num_ids * num_instances), GOLDEN['lba_pairs'][name]
    aligned = align(maps, torch.tensor(pairs['pos']), torch.tensor(pairs['neg']))
    labels = torch.arange(num_ids).repeat_interleave(num_instances).repeat(2)
    loss = DenseTripletLoss(across_batch=across_batch)(ReIDBatch.labelled(labels), **aligned._asdict())
    loss.backward()
    value, gradient = GOLDEN[f'lba_dense_{form} {name}']
    assert loss.item() == pytest.approx(value, abs=1e-9)
    assert maps.grad.abs().sum().item() == pytest.approx(gradient, abs=1e-7)


def shuffled_batch(num_ids: int, num_instances: int) -> ReIDBatch:
    labels = torch.arange(num_ids).repeat_interleave(num_instances).repeat(2)
    modalities = torch.arange(2).repeat_interleave(num_ids * num_instances)
    return ReIDBatch.labelled(labels, modalities).take(torch.randperm(len(labels)))


@pytest.mark.parametrize('num_ids, num_instances', [(5, 4), (8, 4), (2, 1)])
def test_partners_are_of_the_other_modality_and_drawn_without_replacement(num_ids, num_instances):
    torch.manual_seed(0)
    batch = shuffled_batch(num_ids, num_instances)
    for _ in range(20):
        positive, negative = draw_partners(batch)
        assert (batch.modalities[positive] != batch.modalities).all()
        assert (batch.modalities[negative] != batch.modalities).all()
        assert torch.equal(batch.labels[positive], batch.labels) and (batch.labels[negative] != batch.labels).all()
        assert len(positive.unique()) == len(positive)  # each image is once the positive of another
        for label in range(num_ids):
            for modality in range(2):
                rows = (batch.labels == label) & (batch.modalities == modality)
                assert len(batch.labels[negative[rows]].unique()) == num_instances


def test_all_partners_occur():
    torch.manual_seed(0)
    batch = shuffled_batch(3, 2)
    drawn = [draw_partners(batch) for _ in range(200)]
    positives, negatives = ({int(partners[0]) for partners in side} for side in zip(*drawn))
    assert (len(positives), len(negatives)) == (2, 4)


def test_partners_of_ragged_batches_come_again(ragged_batch):
    _, labels, modalities = ragged_batch
    both = labels != 7
    batch = ReIDBatch.labelled(labels[both], modalities[both])
    positive, negative = draw_partners(batch)
    assert torch.equal(batch.labels[positive], batch.labels) and (batch.labels[negative] != batch.labels).all()
    assert (batch.modalities[positive] != batch.modalities).all()


@pytest.mark.parametrize(
    'labels, modalities', [([0, 0], [0, 1]), ([0, 1, 0, 1], [0, 0, 0, 0]), ([0, 1, 0, 2], [0, 0, 1, 1])]
)
def test_images_without_a_partner_are_refused(labels, modalities):
    with pytest.raises(ValueError, match='the batch has none for person [01] of modality 0: draw batches with'):
        draw_partners(ReIDBatch.labelled(torch.tensor(labels), torch.tensor(modalities)))


def test_a_map_of_one_position_is_refused():
    with pytest.raises(ValueError, match='1 x 1 is only one: choose larger images'):
        align(torch.ones(2, 8, 1, 1), torch.tensor([1, 0]), torch.tensor([1, 0]))

import itertools

import pytest
import torch
import torch.nn.functional as F
from ot.gromov import fused_gromov_wasserstein2

from haresreid.models import GraphAlignmentLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([3, 5, 3, 5, 3, 7]), torch.tensor([0, 1, 1, 0, 0, 1]))


@pytest.fixture
def nodes() -> torch.Tensor:
    return torch.randn(6, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def distance(ours, theirs):
    return torch.tensor([[1 - F.cosine_similarity(a, b, dim=0).item() for b in theirs] for a in ours])


@pytest.mark.parametrize('structure', [0.0, 0.5, 1.0])
def test_equals_the_cost_that_pot_gives_for_each_pair(nodes, structure):
    pairs = [(0, 2), (3, 1)]  # the second visible image of identity 3 has no partner
    mass = torch.full((4,), 0.25)
    costs = []
    for ours, theirs in pairs:
        between = [distance(nodes[a], nodes[b]).double() for a, b in ((ours, theirs), (ours, ours), (theirs, theirs))]
        costs.append(fused_gromov_wasserstein2(*between, mass.double(), mass.double(), alpha=structure))
    value = GraphAlignmentLoss(structure)(nodes, BATCH)
    assert value.item() == pytest.approx(torch.stack(costs).mean().item(), abs=1e-6)


def test_without_structure_it_is_the_cheapest_assignment(nodes):
    """Of all, written out."""
    cheapest = []
    for ours, theirs in ((0, 2), (3, 1)):
        cost = distance(nodes[ours], nodes[theirs])
        cheapest.append(
            min(sum(cost[i, j] for i, j in enumerate(order)) / 4 for order in itertools.permutations(range(4)))
        )
    assert GraphAlignmentLoss(0.0)(nodes, BATCH).item() == pytest.approx(torch.stack(cheapest).mean().item(), abs=1e-6)


def test_graphs_that_are_permutations_of_each_other_cost_nothing():
    nodes = torch.randn(1, 4, 5, generator=torch.Generator().manual_seed(1))
    batch = ReIDBatch.labelled(torch.tensor([0, 0]), torch.tensor([0, 1]))
    shuffled = torch.cat((nodes, nodes[:, torch.tensor([2, 0, 3, 1])]))
    assert GraphAlignmentLoss()(shuffled, batch).item() == pytest.approx(0, abs=1e-5)


def test_a_step_aligns_them(nodes):
    nodes = nodes.requires_grad_()
    loss = GraphAlignmentLoss()
    before = loss(nodes, BATCH)
    before.backward()
    with torch.no_grad():
        assert loss(nodes - 0.1 * nodes.grad, BATCH) < before
    assert (nodes.grad[4:] == 0).all()  # no partner


def test_what_cannot_be_aligned_is_refused(nodes, monkeypatch):
    with pytest.raises(ValueError, match='GraphAlignmentLoss wants an identity in both modalities'):
        GraphAlignmentLoss()(nodes[:2], ReIDBatch.labelled(torch.tensor([0, 1]), torch.tensor([0, 1])))
    with pytest.raises(ValueError, match='structure must be a share'):
        GraphAlignmentLoss(2)
    monkeypatch.setattr('importlib.util.find_spec', lambda module: None)
    with pytest.raises(ValueError, match=r"package 'ot', .*\[transport\]"):
        GraphAlignmentLoss()(nodes, BATCH)

from typing import NamedTuple

import pytest
import torch
from torch import nn

from haresreid.analysis import PartProbe, part_named
from haresreid.analysis.gradients import has_training_loss
from haresreid.registry import MODELS


class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor


class Doubling(nn.Module):
    """Returns a structure of everything that a part may return."""

    def forward(self, x):
        return dict(pair=Pair(2 * x, x.sum(1)), rows=torch.arange(len(x)), name='x', scalar=x.mean(), all=[x, (x,)])


@pytest.fixture
def model():
    return nn.ModuleDict(dict(part=Doubling(), residual=nn.Identity(), other=nn.Linear(3, 2)))


@pytest.fixture
def batches():
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(5, 3, generator=generator) + 4, torch.randn(2, 3, generator=generator) + 4]


def test_outputs_are_held_at_their_means_over_all_rows(model, batches):
    probe = PartProbe(model, 'part')
    with probe.measuring():
        measured = [model.part(x) for x in batches]
    rows = torch.cat(batches)
    assert torch.equal(measured[0]['pair'].first, 2 * batches[0]), 'measuring changes nothing'
    with probe.holding():
        held = model.part(batches[1])
    assert isinstance(held['pair'], Pair)
    assert torch.allclose(held['pair'].first, 2 * rows.mean(0).expand(2, 3))
    assert torch.allclose(held['pair'].second, rows.sum(1).mean().expand(2))
    assert torch.allclose(held['all'][1][0], rows.mean(0).expand(2, 3))
    assert held['rows'].tolist() == [0, 1] and held['name'] == 'x' and held['scalar'] == batches[1].mean()
    assert torch.equal(model.part(batches[1])['pair'].first, 2 * batches[1]), 'nothing is held afterwards'

    # the slow reference: all tensors of a row as one vector
    vectors = torch.cat([2 * rows, rows.sum(1, keepdim=True), rows, rows], dim=1).double()
    spread = ((vectors - vectors.mean(0)).square().mean() / vectors.square().mean()).sqrt()
    assert probe.spread == pytest.approx(spread.item(), rel=1e-6)


def test_what_a_part_adds_is_held_while_its_input_passes(model, batches):
    model['residual'] = nn.Sequential(nn.Linear(3, 3))
    probe = PartProbe(model, 'residual', added=True)
    with probe.measuring():
        outputs = [model.residual(x) for x in batches]
    added = torch.cat([output - x for output, x in zip(outputs, batches)])
    with probe.holding():
        assert torch.allclose(model.residual(batches[1]), batches[1] + added.mean(0), atol=1e-6)
    spread = ((added - added.mean(0)).square().mean() / added.square().mean()).sqrt()
    assert probe.spread == pytest.approx(spread.item(), rel=1e-4)


def test_a_constant_has_no_spread(model):
    probe = PartProbe(model, 'residual')
    with probe.measuring():
        model.residual(torch.full((4, 3), 7.0))
        model.residual(torch.full((2, 3), 7.0))
    assert probe.spread == pytest.approx(0, abs=1e-6)
    probe = PartProbe(model, 'residual', added=True)
    with probe.measuring():
        model.residual(torch.ones(4, 3))
    assert probe.spread == 0, 'an identity adds nothing'


def test_a_part_is_found_by_its_name(model):
    nested = nn.Sequential(model, nn.ReLU())
    assert part_named(nested, '0.other') is model.other
    for name, message in {
        '0.othe': "there is no part '0.othe': 0 has part, residual, other",
        '2': "there is no part '2': the model has 0, 1",
        '1.x': "there is no part '1.x': 1 has no parts",
    }.items():
        with pytest.raises(ValueError, match=f'^{message}$'):
            PartProbe(nested, name)


def test_what_has_no_mean_is_refused(model):
    with (
        pytest.raises(ValueError, match='other cannot be held at its mean: it is not called'),
        PartProbe(model, 'other').holding(),
    ):
        pass
    probe = PartProbe(model, 'residual')
    with pytest.raises(ValueError, match=r'a row of it is \(3,\) at times and \(4,\) at others'), probe.measuring():
        model.residual(torch.ones(2, 3))
        model.residual(torch.ones(2, 4))
    for name in ('other', 'part'):
        with (
            pytest.raises(ValueError, match=f'{name} cannot .*: what it returns has not the shape of its input'),
            PartProbe(model, name, added=True).measuring(),
        ):
            model[name](torch.ones(2, 3))
    assert not model.other._forward_hooks, 'a failed measurement leaves no hook'


def test_a_model_that_wants_a_teacher_has_no_loss_without_it(tmp_path):
    """The teacher comes with a hook of the training."""
    teacher = dict(type='SimilarityDistillationLoss', features=dict(feats='embed', target='teacher'))
    for losses, expected in ({}, True), (dict(distill=teacher), False):
        head = dict(type='BNNeckHead', in_channels=64, num_classes=2)
        student = MODELS.build(
            dict(
                type='VIReID',
                backbone=dict(type='TwoStreamResNet', depth=18, base_channels=8, pretrained=None),
                head=head,
                criterion=dict(type='Criterion', losses=dict(id=dict(type='IDLoss', feature='logits'), **losses)),
            )
        )
        torch.save(dict(state_dict=student.state_dict()), tmp_path / 'student.pth')
        assert has_training_loss(student, str(tmp_path / 'student.pth')) is expected

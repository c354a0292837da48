import pytest
import torch

from haresreid.models import MMDLoss
from haresreid.structures import ReIDBatch


def slow_mmd(feats, labels, modalities, margin, bandwidths=None):
    """Loop over identities and kernels; ``bandwidths`` by identity, or computed from the features."""
    values = []
    for pid in labels.unique().tolist():
        visible, infrared = (feats[(labels == pid) & (modalities == m)] for m in (0, 1))
        if not len(visible) or not len(infrared):
            continue
        rows = torch.cat((visible, infrared))
        bandwidth = bandwidths[pid] if bandwidths else base_bandwidth(rows)

        def expectation(a, b, bandwidth=bandwidth):
            return torch.stack(
                [torch.exp(-(x - y).square().sum() / (bandwidth * 2**i + 1e-9)) for x in a for y in b for i in range(5)]
            ).sum() / (len(a) * len(b))

        values.append(
            expectation(visible, visible) + expectation(infrared, infrared) - 2 * expectation(visible, infrared)
        )
    return sum(value if value > margin else value * 0 for value in values) / len(values)


def base_bandwidth(rows):
    n = len(rows)
    return sum((x - y).square().sum().item() for x in rows for y in rows) / (n * n - n) / 4


@pytest.mark.parametrize(
    'num_ids, num_instances, margin, value',
    [
        (4, 4, 0.0, 0.7258798396),
        (4, 4, 1.4, 0.0),
        (4, 4, 0.5, 0.6158222348),
        (8, 4, 0.0, 1.1937277196),
        (8, 4, 1.4, 0.3985261152),
        (6, 8, 0.0, 0.1519161194),
    ],
)
def test_equals_the_published_code_on_closed_form_features(golden_batch, num_ids, num_instances, margin, value):
    feats, labels, modalities = golden_batch(num_ids, num_instances)
    loss = MMDLoss(margin)(feats, ReIDBatch.labelled(labels, modalities))
    assert loss.item() == pytest.approx(value, abs=1e-9)


def test_value_of_each_identity(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    batch = ReIDBatch.labelled(labels, modalities)
    rows = [(labels == c).nonzero().squeeze(1) for c in range(4)]
    values = [MMDLoss(0)(feats[chosen], batch.take(chosen)).item() for chosen in rows]
    assert values == pytest.approx([0.440230, 0.589767, 0.911991, 0.961531], abs=1e-6)


@pytest.mark.parametrize('dtype, tolerance', [(torch.float64, 1e-10), (torch.float32, 1e-5)])
@pytest.mark.parametrize('margin', [0.0, 1.4, 1.9])
def test_equals_a_loop_over_identities(ragged_batch, dtype, tolerance, margin):
    feats, labels, modalities = ragged_batch
    expected = slow_mmd(feats, labels, modalities, margin)
    value = MMDLoss(margin)(feats.to(dtype), ReIDBatch.labelled(labels, modalities))
    assert value.item() == pytest.approx(float(expected), abs=tolerance)


def test_closed_gate_passes_no_gradient(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    MMDLoss(1.4)(feats, ReIDBatch.labelled(labels, modalities)).backward()
    assert torch.equal(feats.grad, torch.zeros_like(feats))


def test_open_gate_passes_the_gradient_of_its_identities_only(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    MMDLoss(0.6)(feats, ReIDBatch.labelled(labels, modalities)).backward()
    touched = {c for c in range(4) if feats.grad[labels == c].abs().sum() > 0}
    assert touched == {2, 3}


def test_gradient_is_that_of_a_constant_bandwidth(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    MMDLoss(0)(feats, ReIDBatch.labelled(labels, modalities)).backward()
    base = feats.detach()
    bandwidths = {c: base_bandwidth(base[labels == c]) for c in range(4)}
    for row, column in ((0, 0), (7, 3), (20, 11)):
        step = torch.zeros_like(base)
        step[row, column] = 1e-5
        up, down = (slow_mmd(base + sign * step, labels, modalities, 0, bandwidths) for sign in (1, -1))
        assert feats.grad[row, column].item() == pytest.approx(((up - down) / 2e-5).item(), abs=1e-8)


def test_is_invariant_under_relabelling_permutation_and_scale(golden_batch):
    feats, labels, modalities = golden_batch(4, 4)
    loss = MMDLoss(0)
    expected = loss(feats, ReIDBatch.labelled(labels, modalities)).item()
    order = torch.randperm(len(feats), generator=torch.Generator().manual_seed(0))
    assert loss(feats[order], ReIDBatch.labelled(labels[order], modalities[order])).item() == pytest.approx(
        expected, abs=1e-12
    )
    assert loss(feats, ReIDBatch.labelled(394 - 17 * labels, 1 - modalities)).item() == pytest.approx(
        expected, abs=1e-12
    )
    assert loss(100 * feats, ReIDBatch.labelled(labels, modalities)).item() == pytest.approx(expected, abs=1e-6)


def test_equal_features_give_zero_and_a_finite_gradient(golden_batch):
    _, labels, modalities = golden_batch(4, 4)
    feats = torch.ones(32, 8, requires_grad=True)
    loss = MMDLoss(0)(feats, ReIDBatch.labelled(labels, modalities))
    loss.backward()
    assert loss.item() == pytest.approx(0, abs=1e-6)
    assert feats.grad.isfinite().all()

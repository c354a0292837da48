import pytest
import torch
import torch.nn.functional as F

from haresreid.models import FeatureDistillationLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 0, 1, 1, 2]))


def features(seed: int, width: int) -> torch.Tensor:
    return torch.randn(5, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_equals_a_loop_over_the_rows():
    torch.manual_seed(0)
    loss = FeatureDistillationLoss(6, 4).double()
    feats, target, total = features(1, 6), features(2, 4), 0
    for x, y in zip(feats, target):
        mapped = torch.stack([(x * weights).sum() for weights in loss.map.weight])
        total += 2 - 2 * (mapped @ y) / (mapped.norm() * y.norm())
    assert loss(BATCH, feats=feats, target=target).item() == pytest.approx(total.item() / 5, abs=1e-12)


def test_is_zero_for_a_mapped_copy_of_any_scale_and_trains_map_and_student():
    loss = FeatureDistillationLoss(4, 3).double()
    feats = features(1, 4).requires_grad_()
    assert loss(BATCH, feats=feats, target=3 * loss.map(feats).detach()).item() == pytest.approx(0, abs=1e-12)
    loss(BATCH, feats=feats, target=features(2, 3)).backward()
    assert feats.grad.abs().sum() > 0 and loss.map.weight.grad.abs().sum() > 0


def test_runs_in_float32_under_autocast():
    loss, feats, target = FeatureDistillationLoss(6, 4), features(1, 6).float(), features(2, 4).float()
    with torch.autocast('cpu', torch.bfloat16):
        value = loss(BATCH, feats=feats, target=target)
    assert value == loss(BATCH, feats=feats, target=target) and value.dtype == torch.float32
    assert torch.allclose(F.normalize(target).norm(dim=1), torch.ones(5))


def test_rows_of_other_images_are_refused():
    with pytest.raises(ValueError, match='the student has 5 rows and the teacher 3: a student with a part that'):
        FeatureDistillationLoss(6, 4)(BATCH, feats=features(1, 6), target=features(2, 4)[:3])

import pytest
import torch

from haresreid.models import SimilarityDistillationLoss
from haresreid.structures import ReIDBatch

BATCH = ReIDBatch.labelled(torch.tensor([0, 0, 1, 1, 2]))


def features(seed: int, width: int) -> torch.Tensor:
    return torch.randn(5, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slow_rows(feats: torch.Tensor) -> list[list[float]]:
    """The cosines of each row with all rows, divided by their norm."""
    rows = []
    for x in feats:
        cosines = [(x @ y / (x.norm() * y.norm())).item() for y in feats]
        norm = sum(cosine**2 for cosine in cosines) ** 0.5
        rows.append([cosine / norm for cosine in cosines])
    return rows


def test_equals_a_loop_over_all_pairs():
    feats, target = features(1, 6), features(2, 4)
    student, teacher = slow_rows(feats), slow_rows(target)
    expected = sum((student[i][j] - teacher[i][j]) ** 2 for i in range(5) for j in range(5)) / 25
    value = SimilarityDistillationLoss()(BATCH, feats=feats, target=target)
    assert value.item() == pytest.approx(expected, abs=1e-12) and expected > 0.01


def test_is_zero_if_the_similarities_agree_whatever_the_features():
    feats = features(1, 4)
    rotated = 2 * feats @ torch.linalg.qr(features(3, 4)[:4]).Q  # other features with the same similarities
    assert SimilarityDistillationLoss()(BATCH, feats=feats, target=rotated).item() == pytest.approx(0, abs=1e-12)


def test_a_step_brings_the_similarities_nearer():
    loss, feats, target = SimilarityDistillationLoss(), features(1, 6).requires_grad_(), features(2, 4)
    before = loss(BATCH, feats=feats, target=target)
    before.backward()
    with torch.no_grad():
        assert loss(BATCH, feats=feats - feats.grad, target=target) < before


def test_rows_of_other_images_are_refused():
    with pytest.raises(ValueError, match='SimilarityDistillationLoss compares row by row, but the student has 5 rows'):
        SimilarityDistillationLoss()(BATCH, feats=features(1, 6), target=features(2, 4)[:3])

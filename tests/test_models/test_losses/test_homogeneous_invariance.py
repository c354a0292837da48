import pytest
import torch

from haresreid.models import HomogeneousInvarianceLoss
from haresreid.structures import ReIDBatch


def batch_of(items, modalities) -> ReIDBatch:
    labels = torch.zeros(len(items), dtype=torch.long)
    return ReIDBatch.labelled(labels, torch.tensor(modalities))._replace(items=torch.tensor(items))


def test_equals_a_loop_over_items():
    feats = 2 * torch.randn(7, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    # items 3, 1 and 8 are visible, each with an image made of it, in another order; item 5 is infrared
    batch = batch_of([3, 8, 5, 1, 1, 8, 3], [2, 0, 1, 0, 2, 2, 0])
    terms = []
    for visible, made in ((6, 0), (3, 4), (1, 5)):
        for x, y in zip(feats[visible], feats[made]):
            difference = abs(x - y)
            terms.append(difference**2 / 2 if difference < 1 else difference - 0.5)
    value = HomogeneousInvarianceLoss()(feats, batch)
    assert value.item() == pytest.approx((sum(terms) / len(terms)).item(), abs=1e-12)


@pytest.mark.parametrize('items, modalities', [([0, 1], [0, 1]), ([0, 1, 0], [0, 0, 2]), ([0, 1], [1, 1])])
def test_a_batch_without_pairs_is_refused(items, modalities):
    with pytest.raises(ValueError, match='HomogeneousInvarianceLoss wants an image of a third modality for each vis'):
        HomogeneousInvarianceLoss()(torch.randn(len(items), 5), batch_of(items, modalities))

import pytest
import torch

from haresreid.models import TemporalAgreement, TemporalMean

POOLINGS = [TemporalMean(), TemporalAgreement()]


def test_mean():
    x = torch.randn(4, 3, 5)
    assert torch.allclose(TemporalMean()(x), torch.stack([frames.sum(0) / 3 for frames in x]), atol=1e-6)


def test_agreement_by_hand():
    """Two frames alike and one across: the mean is (2, 1) / 3, of cosine 2 / sqrt(5) and 1 / sqrt(5) to them."""
    x = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    same, other = (torch.tensor(cosine / 5**0.5 / 0.5).exp() for cosine in (2.0, 1.0))
    expected = torch.stack([2 * same, other]) / (2 * same + other)
    assert torch.allclose(TemporalAgreement(0.5)(x)[0], expected)
    assert torch.allclose(TemporalAgreement(1e4)(x), TemporalMean()(x), atol=1e-4)


@pytest.mark.parametrize('pooling', POOLINGS, ids=lambda pooling: type(pooling).__name__)
def test_one_frame_is_left_as_it_is_and_the_order_of_frames_does_not_count(pooling):
    x = torch.randn(4, 6, 5)
    assert torch.allclose(pooling(x[:, :1]), x[:, 0], atol=1e-6)
    assert torch.allclose(pooling(x), pooling(x[:, torch.randperm(6)]), atol=1e-6)
    assert pooling(x.bfloat16()).dtype == torch.float32

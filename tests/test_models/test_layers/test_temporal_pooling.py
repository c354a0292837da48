import torch

from haresreid.models import TemporalMean


def test_mean():
    x = torch.randn(4, 3, 5)
    assert torch.allclose(TemporalMean()(x), torch.stack([frames.sum(0) / 3 for frames in x]), atol=1e-6)


def test_one_frame_is_left_as_it_is_and_the_order_of_frames_does_not_count():
    x = torch.randn(4, 6, 5)
    assert torch.allclose(TemporalMean()(x[:, :1]), x[:, 0], atol=1e-6)
    assert torch.allclose(TemporalMean()(x), TemporalMean()(x[:, torch.randperm(6)]), atol=1e-6)
    assert TemporalMean()(x.bfloat16()).dtype == torch.float32

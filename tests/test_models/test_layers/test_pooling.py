import pytest
import torch

from haresreid.models import ClassToken, GeneralizedMeanPooling, GlobalAveragePooling


def test_average():
    x = torch.randn(2, 3, 4, 5)
    expected = torch.tensor([[x[b, c].sum() / 20 for c in range(3)] for b in range(2)])
    assert torch.allclose(GlobalAveragePooling()(x), expected, atol=1e-6)


def test_the_class_token_is_the_first():
    tokens = torch.randn(2, 5, 3)
    assert torch.equal(ClassToken()(tokens), tokens[:, 0])
    assert ClassToken()(tokens.bfloat16()).dtype == torch.float32


def test_generalised_mean_of_positive_maps():
    x = torch.rand(2, 3, 4, 5) + 0.1
    assert torch.allclose(GeneralizedMeanPooling(3.0)(x), (x**3).mean((2, 3)) ** (1 / 3), atol=1e-6)
    assert torch.allclose(GeneralizedMeanPooling(1.0)(x), GlobalAveragePooling()(x), atol=1e-6)


def test_generalised_mean_of_signed_maps_has_no_nan():
    x = -torch.rand(2, 3, 4, 5)
    x.requires_grad_()
    pooled = GeneralizedMeanPooling(3.0)(x)
    pooled.sum().backward()
    assert pooled.isfinite().all() and x.grad.isfinite().all()


@pytest.mark.parametrize('p', [3.0, 10.0])
def test_generalised_mean_of_an_empty_channel_has_the_floor_of_the_published_code_and_a_gradient(p):
    x = torch.rand(2, 3, 4, 5)
    x[0, 0] = 0
    x.requires_grad_()
    pooled = GeneralizedMeanPooling(p)(x)
    pooled.sum().backward()
    assert pooled[0, 0].item() == pytest.approx(1e-12 ** (1 / p), rel=1e-5)
    assert torch.equal(x.grad[0, 0], torch.zeros(4, 5)) and x.grad.isfinite().all()


def test_pooling_leaves_autocast_in_float32():
    x = torch.rand(2, 3, 4, 5).bfloat16()
    for pool in (GlobalAveragePooling(), GeneralizedMeanPooling()):
        with torch.autocast('cpu', dtype=torch.bfloat16):
            assert pool(x).dtype == torch.float32

import pytest
import torch
import torch.nn.functional as F

from haresreid.models.layers import PatchConv2d


@pytest.mark.parametrize('patch', [1, 2, 4])
@pytest.mark.parametrize('memory_format', [torch.contiguous_format, torch.channels_last])
def test_equals_the_convolution(patch, memory_format):
    conv = PatchConv2d(6, 10, patch, stride=patch).double()
    x = torch.randn(3, 6, 12, 8, dtype=torch.float64).contiguous(memory_format=memory_format).requires_grad_()
    weight, bias = (parameter.detach().clone().requires_grad_() for parameter in (conv.weight, conv.bias))
    y, expected = conv(x), F.conv2d(x, weight, bias, stride=patch)
    assert torch.allclose(y, expected, atol=1e-12)
    assert y.is_contiguous(memory_format=torch.channels_last)
    grad = torch.randn_like(expected)
    mine = torch.autograd.grad(y, (x, conv.weight, conv.bias), grad)
    for gradient, reference in zip(mine, torch.autograd.grad(expected, (x, weight, bias), grad)):
        assert torch.allclose(gradient, reference, atol=1e-12)


@pytest.mark.parametrize(
    'arguments',
    [
        dict(kernel_size=3),
        dict(kernel_size=2, stride=2, padding=1),
        dict(kernel_size=1, groups=2),
        dict(kernel_size=2, stride=2, dilation=2),
    ],
)
def test_what_is_no_patch_is_refused(arguments):
    with pytest.raises(ValueError, match='does not overlap, pad, dilate or group'):
        PatchConv2d(4, 4, **arguments)

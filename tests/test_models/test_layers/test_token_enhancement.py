"""DFLN-ViT's spatial tokens and channel gates against forward passes written out, and what the released ones do."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from haresreid.models.layers import BareTransformerLayer, ChannelGate, SpatialTokens


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def written_out(layer: BareTransformerLayer, x: torch.Tensor) -> torch.Tensor:
    """One image's tokens, (N, D), through attention and MLP without residuals."""
    query, key, value = (
        F.layer_norm(x, x.shape[-1:], layer.norm1.weight, layer.norm1.bias) @ layer.qkv.weight.T
    ).split(32, dim=1)
    x = layer.proj((query @ key.T / x.shape[1] ** 0.5).softmax(1) @ value)
    x = F.layer_norm(x, x.shape[-1:], layer.norm2.weight, layer.norm2.bias)
    return layer.mlp[3](F.gelu(layer.mlp[0](x)))


def test_the_layer_has_no_residuals_and_divides_by_the_token_width():
    layer, x = BareTransformerLayer(20).double().eval(), torch.randn(3, 7, 20, dtype=torch.float64)
    for ours, tokens in zip(layer(x), x):
        torch.testing.assert_close(ours, written_out(layer, tokens))
    assert [module.p for module in layer.modules() if isinstance(module, nn.Dropout)] == [0.1] * 3


@pytest.mark.parametrize('in_place', [False, True])
def test_tokens_return_to_their_places_only_if_asked_to(in_place):
    """As released, a token of D numbers fills D / (h w) channels, each at all positions."""
    part = SpatialTokens(5, 12, 2, (3, 2), in_place).double().eval()
    x = torch.randn(2, 5, 6, 4, dtype=torch.float64)
    for ours, image in zip(part(x), x):
        tokens = [
            part.patches.weight.flatten(1) @ image[:, 2 * row : 2 * row + 2, 2 * col : 2 * col + 2].flatten()
            for row in range(3)
            for col in range(2)
        ]
        tokens = written_out(part.layer, torch.stack(tokens) + part.patches.bias + part.positions[0])  # (6, 12)
        assert ours.shape == (12, 3, 2)
        for cell in range(6):
            if in_place:
                torch.testing.assert_close(ours[:, cell // 2, cell % 2], tokens[cell])
            else:
                torch.testing.assert_close(ours[2 * cell : 2 * cell + 2].flatten(), tokens[cell])


def gates(part: ChannelGate, x: torch.Tensor) -> torch.Tensor:
    return (part(x) / x).mean((2, 3))  # (B, C)


def test_the_released_gate_is_a_constant_that_no_position_moves():
    part = ChannelGate(6).double().eval()
    nn.init.normal_(part.layer.norm1.bias)
    x = 1 + torch.rand(4, 6, 4, 2, dtype=torch.float64)
    found = gates(part, torch.cat((x, 100 * x)))
    assert found.std() < 1e-12 and 0.01 < found.mean() < 0.99
    part(x).sum().backward()
    assert part.layer.mlp[3].weight.grad.abs().max() > 1e-3
    unmoved = [part.positions.grad, part.layer.qkv.weight.grad[:64], part.layer.norm1.weight.grad]
    assert all(gradient.abs().max() < 1e-12 for gradient in unmoved)


def test_a_wider_gate_depends_on_channel_and_image_and_trains_all_its_parts():
    part = ChannelGate(6, width=4).double().eval()
    x = 1 + torch.rand(4, 6, 4, 2, dtype=torch.float64)
    for found, image in zip(gates(part, x), x):
        expected = written_out(part.layer, image.mean(2) + part.positions[0]).mean(1).sigmoid()
        torch.testing.assert_close(found, expected)
    assert gates(part, x).std(0).min() > 1e-7 and gates(part, x).std(1).min() > 1e-4
    part(x).square().sum().backward()
    assert all(parameter.grad.abs().max() > 1e-9 for parameter in part.parameters())

"""The choice of tokens against loops over heads and patches."""

import math

import pytest
import torch

from haresreid.models import TopTokenVisionTransformer
from haresreid.structures import ReIDBatch

NARROW = dict(embed_dims=24, num_layers=3, num_heads=2, feedforward_channels=48)
BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1]))


def build(**options) -> TopTokenVisionTransformer:
    torch.manual_seed(0)
    model = TopTokenVisionTransformer(**{**dict(arch=NARROW, img_size=(64, 32), patch_size=8, stride=8), **options})
    model.init_weights()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.eval()
    return model


def before_the_last_block(model, images):
    x = model.embed(images, BATCH)
    for layer in model.layers[:-1]:
        x = layer(x)
    return x


def slow_attention(model, x):
    """What one image's class token gives to each patch, from the definition: (1+N, D) -> N numbers."""
    block, width = model.layers[-1], x.shape[1]
    normed = block.ln1(x)
    weight, bias = block.attn.qkv.weight, block.attn.qkv.bias
    mean = torch.zeros(len(x))
    for head in range(2):
        rows = slice(head * width // 2, (head + 1) * width // 2)
        query = weight[:width][rows] @ normed[0] + bias[:width][rows]
        keys = [weight[width : 2 * width][rows] @ token + bias[width : 2 * width][rows] for token in normed]
        powers = [torch.exp(query @ key / math.sqrt(width / 2)) for key in keys]
        mean += torch.stack([power / sum(powers) for power in powers]) / 2
    return mean[1:].tolist()


@pytest.mark.parametrize('ratio, stride, count', [(0.5, 8, 16), (0.3, 6, 15), (0.01, 8, 1), (1, 8, 32)])
def test_equals_loops_over_heads_and_patches(ratio, stride, count):
    model = build(ratio=ratio, stride=stride)
    images = torch.randn(2, 3, 64, 32)
    with torch.no_grad():
        (whole, local), batch = model(images, BATCH)
        x = before_the_last_block(model, images)
        assert batch is BATCH
        torch.testing.assert_close(whole, model.ln1(model.layers[-1](x))[:, 0])
        for row, tokens in enumerate(x):
            attention = slow_attention(model, tokens)
            torch.testing.assert_close(model.class_attention(x)[row], torch.tensor(attention), rtol=1e-4, atol=1e-6)
            best = sorted(range(len(attention)), key=lambda patch: -attention[patch])[:count]
            chosen = tokens[[0, *(1 + patch for patch in best)]]
            expected = model.local[1](model.local[0](chosen[None]))[0, 0]
            torch.testing.assert_close(local[row], expected, rtol=1e-4, atol=1e-5)


def test_patches_that_are_not_chosen_do_not_change_the_local_feature():
    model = build(ratio=0.25)
    with torch.no_grad():
        x = before_the_last_block(model, torch.randn(2, 3, 64, 32))
        order = model.class_attention(x).argsort(dim=1, descending=True)
        (before,) = model.parts(x)
        for row in range(2):
            x[row, 1 + order[row, 8:]] = x[row, 1 + order[row, -1]].clone()  # all others as the least attended one
        (after,) = model.parts(x)
    assert before.shape == (2, 9, 24)
    torch.testing.assert_close(after.sort(dim=1).values, before.sort(dim=1).values)


def test_the_choice_has_no_gradient_and_the_chosen_tokens_have_one():
    model = build()
    x = before_the_last_block(model, torch.randn(2, 3, 64, 32)).detach().requires_grad_()
    assert not model.class_attention(x).requires_grad
    (part,) = model.parts(x)
    part.sum().backward()
    assert (x.grad.abs().sum(2) > 0).sum(1).tolist() == [17, 17]  # the class token and half of 32 patches


@pytest.mark.parametrize('ratio', [0, -0.5, 1.2])
def test_a_share_that_is_none_is_refused(ratio):
    with pytest.raises(ValueError, match='ratio must be above 0 and at most 1'):
        build(ratio=ratio)

import pytest
import torch
from torch import nn

from haresreid.models import ConcatFusion, HierarchicalFeatureExtractor, ResNetEncoder
from haresreid.registry import MODELS


def build(**changes) -> HierarchicalFeatureExtractor:
    cfg = dict(type=HierarchicalFeatureExtractor, encoder=dict(type=ResNetEncoder, depth=18, base_channels=8),
               img_size=(96, 48))
    return MODELS.build({**cfg, **changes})


def fused_channels(hfe) -> list:
    return [transformer.patch_embed.in_channels for transformer in hfe.transformers[1:]]


def test_shapes_at_full_size():
    hfe = build(encoder=dict(type=ResNetEncoder), img_size=(288, 144)).to('meta')
    shapes = {}
    for name, fusion in hfe.fusions.named_children():
        fusion.register_forward_hook(
            lambda _, maps, fused, name=name: shapes.update({name: [tuple(x.shape[1:]) for x in (*maps, fused)]}))
    feats = hfe(torch.empty(2, 3, 288, 144, device='meta'))
    assert shapes == {
        '0': [(256, 72, 36), (256, 72, 36), (512, 72, 36)],
        '1': [(512, 36, 18), (512, 36, 18), (1024, 36, 18)],
        '2': [(1024, 18, 9), (1024, 18, 9), (2048, 18, 9)],
        '3': [(2048, 18, 9), (2048, 18, 9), (2048, 18, 9)],
    }
    assert feats.local.shape == feats.fused.shape == (2, 2048, 18, 9)
    assert [tuple(token.shape) for token in feats.cls_tokens] == [(2, 256), (2, 512), (2, 1024), (2, 2048)]


def test_encoder_never_sees_a_fused_map():
    hfe = build().eval()
    images = torch.randn(2, 3, 96, 48)
    before = hfe(images)
    for module in (hfe.transformers, hfe.fusions):
        for parameter in module.parameters():
            nn.init.normal_(parameter)
    after = hfe(images)
    assert torch.equal(before.local, after.local)
    assert torch.equal(before.local, hfe.encoder(images)[-1])
    assert not torch.allclose(before.fused, after.fused)


def test_transformers_take_the_image_and_then_the_fused_maps():
    hfe = build().eval()
    seen, fused = [], []
    for transformer, fusion in zip(hfe.transformers, hfe.fusions):
        transformer.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
        fusion.register_forward_hook(lambda _, __, output: fused.append(output))
    images = torch.randn(1, 3, 96, 48)
    feats = hfe(images)
    assert seen[0] is images
    assert all(a is b for a, b in zip(seen[1:], fused))
    assert feats.fused is fused[3]


@pytest.mark.parametrize('changes, expected', [
    (dict(), [16, 32, 64]),
    (dict(cffm_out='d'), [8, 16, 32]),
    (dict(fusion=dict(type=ConcatFusion)), [16, 32, 64]),
    (dict(fusion=dict(type=ConcatFusion), cffm_out='d'), [8, 16, 32]),
])
def test_width_of_the_fused_maps(changes, expected):
    hfe = build(**changes)
    assert fused_channels(hfe) == expected
    assert hfe(torch.randn(2, 3, 96, 48)).fused.shape == (2, 64, 6, 3)


@pytest.mark.parametrize('changes', [
    dict(patch_sizes=(8, 2, 2, 1)),
    dict(patch_sizes=(4, 2, 2, 2)),
    dict(encoder=dict(type=ResNetEncoder, depth=18, base_channels=8, strides=(1, 2, 2, 2)), patch_sizes=(4, 2, 2, 2)),
])
def test_other_patch_sizes(changes):
    feats = build(img_size=(96, 64), **changes)(torch.randn(2, 3, 96, 64))
    assert feats.fused.shape == feats.local.shape


def test_wrong_cffm_out_is_refused():
    with pytest.raises(ValueError, match="cffm_out must be '2d' or 'd', not '4d'"):
        build(cffm_out='4d')


def test_sizes_that_do_not_fit_are_refused_with_those_that_do():
    with pytest.raises(ValueError, match='multiples of 16; .* fit are 96x48, 96x64, 112x48, 112x64'):
        build(img_size=(100, 50))
    with pytest.raises(ValueError, match='images of 96x50 .* nearest sizes that fit are 96x48, 96x64'):
        build()(torch.randn(1, 3, 96, 50))
    with pytest.raises(ValueError, match='nearest sizes that fit are 16x16'):
        build()(torch.randn(1, 3, 8, 16))


def test_other_image_size_in_forward_and_from_a_checkpoint():
    small, large = build().eval(), build(img_size=(128, 64)).eval()
    large.load_state_dict(small.state_dict())
    images = torch.randn(1, 3, 128, 64)
    assert torch.allclose(small(images).fused, large(images).fused, atol=1e-5)

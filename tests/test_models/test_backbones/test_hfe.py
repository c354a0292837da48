from types import SimpleNamespace

import pytest
import torch
from torch import nn

from haresreid.analysis import has_branches
from haresreid.models import (
    CFFM,
    ConcatFusion,
    HierarchicalFeatureExtractor,
    ResNetEncoder,
    TransformerEncoderStage,
    TwoStreamResNet,
)
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch
from haresreid.visualization import cam_layers


def build(**changes) -> HierarchicalFeatureExtractor:
    cfg = dict(
        type=HierarchicalFeatureExtractor,
        encoder=dict(type=ResNetEncoder, depth=18, base_channels=8),
        img_size=(96, 48),
    )
    return MODELS.build({**cfg, **changes})


def extract(hfe, images, modalities=None):
    """The features of visible images, or of images in these modalities."""
    modalities = torch.zeros(len(images), dtype=torch.long) if modalities is None else modalities
    feats, batch = hfe(images, ReIDBatch.unlabelled(modalities))
    assert batch.modalities is modalities
    return feats


def fused_channels(hfe) -> list:
    return [transformer.patch_embed.in_channels for transformer in hfe.transformers[1:]]


def test_shapes_at_full_size():
    hfe = build(encoder=dict(type=ResNetEncoder), img_size=(288, 144)).to('meta')
    shapes = {}
    for name, fusion in hfe.fusions.named_children():
        fusion.register_forward_hook(
            lambda _, maps, fused, name=name: shapes.update({name: [tuple(x.shape[1:]) for x in (*maps, fused)]})
        )
    feats = extract(hfe, torch.empty(2, 3, 288, 144, device='meta'))
    assert shapes == {
        '0': [(256, 72, 36), (256, 72, 36), (512, 72, 36)],
        '1': [(512, 36, 18), (512, 36, 18), (1024, 36, 18)],
        '2': [(1024, 18, 9), (1024, 18, 9), (2048, 18, 9)],
        '3': [(2048, 18, 9), (2048, 18, 9), (2048, 18, 9)],
    }
    assert feats.local.shape == feats.fused.shape == (2, 2048, 18, 9)
    assert [tuple(token.shape) for token in feats.cls_tokens] == [(2, 256), (2, 512), (2, 1024), (2, 2048)]


def test_transformers_of_half_the_width():
    hfe = build(te_ratio=0.5)  # of 8, 16, 32, 64 channels
    feats = extract(hfe, torch.randn(2, 3, 96, 48))
    assert [tuple(token.shape) for token in feats.cls_tokens] == [(2, 4), (2, 8), (2, 16), (2, 32)]
    assert fused_channels(hfe) == [16, 32, 64] and feats.fused.shape[1] == 64
    with pytest.raises(ValueError, match=r'te_ratio=0.3 of \(8, 16, 32, 64\) channels leaves'):
        build(te_ratio=0.3)


def test_three_stages():
    hfe = build(encoder=dict(type=ResNetEncoder, depth=18, base_channels=8, strides=(1, 2, 2)), patch_sizes=(4, 2, 2))
    feats = extract(hfe, torch.randn(2, 3, 96, 48))
    assert [tuple(token.shape) for token in feats.cls_tokens] == [(2, 8), (2, 16), (2, 32)]
    assert fused_channels(hfe) == [16, 32]
    assert feats.local.shape == feats.fused.shape == (2, 32, 6, 3)


@pytest.mark.parametrize('patch_sizes', [(4, 2, 2), (4, 2, 2, 0), (4, -2, 2, 1)])
def test_patch_sizes_of_another_number_of_stages_or_of_nothing_are_refused(patch_sizes):
    with pytest.raises(ValueError, match='patch_sizes are 4 positive numbers, one for each stage of the encoder, not'):
        build(patch_sizes=patch_sizes)


def test_encoder_never_sees_a_fused_map():
    hfe = build().eval()
    images = torch.randn(2, 3, 96, 48)
    before = extract(hfe, images)
    for module in (hfe.transformers, hfe.fusions):
        for parameter in module.parameters():
            nn.init.normal_(parameter)
    after = extract(hfe, images)
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
    feats = extract(hfe, images)
    assert seen[0] is images
    assert all(a is b for a, b in zip(seen[1:], fused))
    assert feats.fused is fused[3]


@pytest.mark.parametrize(
    'changes, expected',
    [
        (dict(), [16, 32, 64]),
        (dict(fused_width=1), [8, 16, 32]),
        (dict(fusion=dict(type=ConcatFusion)), [16, 32, 64]),
        (dict(fusion=dict(type=ConcatFusion), fused_width=1), [8, 16, 32]),
    ],
)
def test_width_of_the_fused_maps(changes, expected):
    hfe = build(**changes)
    assert fused_channels(hfe) == expected
    assert extract(hfe, torch.randn(2, 3, 96, 48)).fused.shape == (2, 64, 6, 3)


@pytest.mark.parametrize(
    'changes',
    [
        dict(patch_sizes=(8, 2, 2, 1)),
        dict(patch_sizes=(4, 2, 2, 2)),
        dict(
            encoder=dict(type=ResNetEncoder, depth=18, base_channels=8, strides=(1, 2, 2, 2)), patch_sizes=(4, 2, 2, 2)
        ),
    ],
)
def test_other_patch_sizes(changes):
    feats = extract(build(img_size=(96, 64), **changes), torch.randn(2, 3, 96, 64))
    assert feats.fused.shape == feats.local.shape


def test_wrong_fused_width_is_refused():
    with pytest.raises(ValueError, match='fused_width must be 1 or 2, not 4'):
        build(fused_width=4)


def test_sizes_that_do_not_fit_are_refused_with_those_that_do():
    with pytest.raises(ValueError, match='multiples of 16; .* fit are 96x48, 96x64, 112x48, 112x64'):
        build(img_size=(100, 50))
    with pytest.raises(ValueError, match='images of 96x50 .* nearest sizes that fit are 96x48, 96x64'):
        extract(build(), torch.randn(1, 3, 96, 50))
    with pytest.raises(ValueError, match='nearest sizes that fit are 16x16'):
        extract(build(), torch.randn(1, 3, 8, 16))


def test_other_image_size_in_forward_and_from_a_checkpoint():
    small, large = build().eval(), build(img_size=(128, 64)).eval()
    large.load_state_dict(small.state_dict())
    images = torch.randn(1, 3, 128, 64)
    assert torch.allclose(extract(small, images).fused, extract(large, images).fused, atol=1e-5)


@pytest.mark.parametrize('encoder', [ResNetEncoder, TwoStreamResNet])
@pytest.mark.parametrize('stages', [(0,), (1, 3), (0, 1, 2, 3)])
def test_checkpointed_stages_compute_the_same_to_the_last_bit(encoder, stages):
    """Features, gradients and running statistics of two steps; the maps within a stage are not kept."""
    fusion = dict(type=CFFM, norm_cfg=dict(type='BN'), act_cfg=dict(type='ReLU'))
    parts = dict(
        encoder=dict(type=encoder, depth=18, base_channels=8),
        fusion=fusion,
        stage=dict(type=TransformerEncoderStage, output_norm=True),
    )  # batch norms in all three parts
    plain = build(**parts).train()
    frugal = build(**parts, checkpoint_stages=stages).train()
    frugal.load_state_dict(plain.state_dict())
    kept = {}
    for name, hfe in dict(plain=plain, frugal=frugal).items():
        kept[name] = 0

        def count(tensor, name=name):
            kept[name] += tensor.numel()
            return tensor

        for images in torch.randn(2, 4, 3, 96, 48, generator=torch.Generator().manual_seed(0)):
            with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
                feats = extract(hfe, images, torch.tensor([0, 1, 0, 1]))
            (feats.fused.square().mean() + sum(token.square().mean() for token in feats.cls_tokens)).backward()
    assert kept['frugal'] < kept['plain'] / (4 if len(stages) == 4 else 1)
    for (key, value), other in zip(plain.state_dict().items(), frugal.state_dict().values()):
        assert torch.equal(value, other), key
    for (key, parameter), other in zip(plain.named_parameters(), frugal.parameters()):
        assert torch.equal(parameter.grad, other.grad), key
    assert all(norm.momentum == 0.1 for norm in frugal.modules() if isinstance(norm, nn.BatchNorm2d))


def test_checkpointing_is_for_training_only(monkeypatch):
    monkeypatch.setattr('haresreid.models.backbones.hfe.checkpoint', None)  # must not be called
    hfe = build(checkpoint_stages=(0, 1, 2, 3))
    images = torch.randn(2, 3, 96, 48)
    extract(hfe.eval(), images).fused.sum().backward()
    with torch.no_grad():
        extract(hfe.train(), images)


def test_a_stage_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r'stages, 0 to 3, not \(1, 4\)'):
        build(checkpoint_stages=(1, 4))


def test_options_of_a_stage_reach_all_four():
    hfe = build(
        stage=dict(
            type=TransformerEncoderStage,
            num_heads=2,
            num_layers=3,
            final_norm=True,
            cls_self_attention=False,
            output_norm=True,
        )
    )
    for transformer in hfe.transformers:
        layer = transformer.layers[0]
        assert len(transformer.layers) == 3 and layer.attention.num_heads == 2
        assert isinstance(transformer.norm, nn.LayerNorm)
        assert isinstance(transformer.cls_out_norm, nn.BatchNorm1d)
        assert not layer.attention.cls_self_attention


@pytest.mark.parametrize('encoder', [ResNetEncoder, TwoStreamResNet])
def test_stages_have_names_and_their_maps_as_outputs(encoder):
    hfe = build(encoder=dict(type=encoder, depth=18, base_channels=8)).eval()
    names = list(hfe.state_dict())
    stages = hfe.stages()
    assert list(stages) == [f'{part}{stage}' for part in ('RE', 'TE', 'CFFM') for stage in range(1, 5)]
    outputs = {}
    for name, stage in stages.items():
        stage.register_forward_hook(lambda _, __, output, name=name: outputs.update({name: output}))
    feats = extract(hfe, torch.randn(2, 3, 96, 48), torch.tensor([0, 1]))
    assert outputs['RE4'] is feats.local and outputs['CFFM4'] is feats.fused
    assert all(outputs[f'TE{stage}'][0] is token for stage, token in enumerate(feats.cls_tokens, start=1))
    assert [outputs[f'RE{stage}'].shape[:2] for stage in range(1, 5)] == [(2, width) for width in (8, 16, 32, 64)]
    assert not [name for name in names if 'encoder_stages' in name]  # a checkpoint does not know them


class PooledStage(nn.Module):
    """Another transformer's place: patches by a convolution, their mean as class token."""

    def __init__(self, in_channels, dims, patch_size, grid_size, bias=False):
        super().__init__()
        self.patch_embed = nn.Conv2d(in_channels, dims, patch_size, stride=patch_size, bias=bias)

    def forward(self, x):
        x = self.patch_embed(x)  # (B, D, h, w)
        return x.mean((2, 3)), x


def test_another_class_of_stage_takes_the_place_of_the_transformers():
    hfe = build(stage=dict(type=PooledStage, bias=True))
    feats = extract(hfe, torch.randn(2, 3, 96, 48))
    assert [tuple(token.shape) for token in feats.cls_tokens] == [(2, 8), (2, 16), (2, 32), (2, 64)]
    assert isinstance(hfe.stages()['TE2'], PooledStage) and hfe.transformers[3].patch_embed.bias is not None
    assert not has_branches(hfe)  # no attention to look into: the hook leaves it alone
    assert list(cam_layers(SimpleNamespace(backbone=hfe))) == [
        f'{part}{i}' for part in ('RE', 'CFFM') for i in range(1, 5)
    ]

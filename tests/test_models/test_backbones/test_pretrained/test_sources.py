"""Weights of every source: the same features as the source's own network, the report, a step, wrong files."""

import json
import re
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from haresreid.models import (
    CLIPResNet,
    JigsawVisionTransformer,
    OSNet,
    ReIDSwinTransformer,
    ReIDVisionTransformer,
    ResNetEncoder,
)
from haresreid.structures import ReIDBatch

from .rule import images, weight

FOLDER = Path(__file__).parents[3] / 'data/golden/sources'
VIT = dict(embed_dims=24, num_layers=2, num_heads=2, feedforward_channels=48)
SWIN = dict(embed_dims=8, depths=[2, 2, 2, 2], num_heads=[1, 2, 4, 8])
BATCH = ReIDBatch.unlabelled(torch.tensor([0, 1]))
# the golden file: the backbone and its options
NETWORKS = {
    'timm': (ReIDVisionTransformer, dict(arch=VIT, img_size=(64, 32))),
    'dinov2': (ReIDVisionTransformer, dict(arch=VIT, img_size=(56, 56), patch_size=14, stride=14, layer_scale=True)),
    'clip_vit': (
        ReIDVisionTransformer,
        dict(
            arch=dict(embed_dims=32, num_layers=2, num_heads=2, feedforward_channels=64),
            img_size=(64, 64),
            norm_eps=1e-5,
            pre_norm=True,
            quick_gelu=True,
        ),
    ),
    'clip_resnet': (CLIPResNet, dict(base_channels=8, strides=(1, 2, 2, 2))),
    'swin': (ReIDSwinTransformer, dict(arch=SWIN, img_size=(128, 128), window_size=2)),
    'osnet': (OSNet, dict(channels=(16, 64, 64, 128))),
}


def golden(name: str) -> tuple[dict[str, torch.Tensor], dict]:
    """The weights of a source's file, and the golden file."""
    content = json.loads((FOLDER / f'{name}.json').read_text())
    return {key: weight(key, shape) for key, shape in content['keys'].items()}, content


def load(name: str, weights: dict, path: Path, **options) -> nn.Module:
    torch.save(weights, path)
    kind, own = NETWORKS[name]
    network = kind(**own | options, pretrained=str(path))
    network.init_weights()
    return network


@pytest.fixture
def log(monkeypatch) -> list[str]:
    lines = []
    monkeypatch.setattr('haresreid.models.backbones.pretrained.load.print_log', lambda line, **_: lines.append(line))
    return lines


def features(network: nn.Module, size: tuple[int, int]) -> torch.Tensor:
    network.double().eval()
    with torch.no_grad():
        return network(images(*size), BATCH)[0][0]


@pytest.mark.parametrize('name', NETWORKS)
def test_features_are_those_of_the_sources_own_network(tmp_path, name):
    weights, content = golden(name)
    output = features(load(name, weights, tmp_path / 'weights.pth'), content['size'])
    expected = torch.tensor(content['features'], dtype=torch.float64)
    if name == 'clip_vit':  # open_clip gives the class token only
        output = output[:, 0]
    if name == 'swin':  # means over columns
        output = output.mean(3)
    assert (output.flatten(1) - expected).abs().max() < 1e-5 * expected.abs().max()


def test_microsofts_swin_has_the_weights_of_timms_at_other_places(tmp_path):
    weights, content = golden('swin')
    reference = features(load('swin', weights, tmp_path / 'timm.pth'), content['size'])
    moved = {
        re.sub(r'layers\.(\d)\.downsample', lambda match: f'layers.{int(match[1]) - 1}.downsample', key): value
        for key, value in weights.items()
    }
    moved['layers.0.blocks.1.attn_mask'] = torch.zeros(4)
    assert moved.keys() != weights.keys()
    assert torch.equal(features(load('swin', moved, tmp_path / 'swin.pth'), content['size']), reference)


@pytest.mark.parametrize(
    'name, used, left_out',
    [
        ('timm', 30, 'dropped head.weight, head.bias (the classifier)'),
        ('dinov2', 34, 'dropped mask_token (the token of masked patches)'),
        ('clip_vit', 31, 'dropped positional_embedding, 17 more (no part of the backbone)'),
        (
            'clip_resnet',
            330,
            'visual.attnpool.positional_embedding, 8 more (the pooling by attention); not in the file: ',
        ),
        ('swin', 119, 'dropped head.fc.weight, head.fc.bias (the classifier)'),
        ('osnet', 552, 'dropped classifier.weight, classifier.bias (the classifier)'),
    ],
)
def test_the_log_reports_what_became_of_a_file(tmp_path, log, name, used, left_out):
    weights, _ = golden(name)
    load(name, weights, tmp_path / 'weights.pth')
    (line,) = log
    assert left_out in line and f'): {used} used' in line and ('not in the file' in line) == (name == 'clip_resnet'), (
        line
    )


@pytest.mark.parametrize('name', NETWORKS)
def test_a_step_is_taken_from_the_weights(tmp_path, name):
    weights, content = golden(name)
    network = load(name, weights, tmp_path / 'weights.pth')
    network.train()
    before = {key: value.clone() for key, value in network.named_parameters()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network(images(*content['size']).float(), BATCH)[0][0].square().mean().backward()
    optimizer.step()
    unmoved = {key for key, value in network.named_parameters() if torch.equal(value, before[key])}
    assert not unmoved or (name == 'osnet' and all('bn.bias' in key or 'fc' in key for key in unmoved))


@pytest.mark.parametrize('name', NETWORKS)
def test_a_file_of_another_source_or_with_a_weight_missing_is_refused(tmp_path, name):
    weights, _ = golden(name)
    other, _ = golden('osnet' if name != 'osnet' else 'timm')
    with pytest.raises(ValueError, match='other.pth holds no weights that a'):
        load(name, other, tmp_path / 'other.pth')
    own = [key for key in weights if not name.startswith('clip') or key.startswith('visual.')]
    lost = next(key for key in own if key.endswith(('norm1.bias', 'ln_1.bias', 'bn1.bias', 'bn.bias')))
    del weights[lost]
    with pytest.raises(ValueError, match=r'holds another architecture than this .*: missing in the file'):
        load(name, weights, tmp_path / 'lost.pth')


def test_clip_wants_its_own_norm_in_front(tmp_path):
    weights, _ = golden('clip_vit')
    with pytest.raises(ValueError, match=r'\(CLIP\) .* patch_embed.projection.bias: missing in the file'):
        load('clip_vit', weights, tmp_path / 'clip.pth', pre_norm=False)


def ics(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A teacher's weights as DINO saves them, with TransReID-SSL's stem."""
    stem = {'0.weight': (64, 3, 7, 7), '3.weight': (64, 64, 3, 3), '6.weight': (64, 64, 3, 3), '7.weight': (64,)}
    stem |= {f'{norm}.{part}.{kind}': (32,) for norm in (1, 4) for part in ('IN', 'BN') for kind in ('weight', 'bias')}
    stem |= {f'{norm}.BN.{kind}': (32,) for norm in (1, 4) for kind in ('running_mean', 'running_var')}
    stem |= {f'7.{kind}': (64,) for kind in ('bias', 'running_mean', 'running_var')}
    weights = weights | {f'patch_embed.conv.{key}': weight(key, shape) for key, shape in stem.items()}
    weights['patch_embed.proj.weight'] = weight('proj', [24, 64, 8, 8])
    return {f'module.backbone.{key}': value for key, value in weights.items() if not key.startswith('head')}


def slow_ics(x: torch.Tensor, stem: dict[str, torch.Tensor]) -> torch.Tensor:
    def normalised(x, prefix, statistics):
        mean, var = statistics
        factor, shift = (stem[f'{prefix}.{kind}'].double()[:, None, None] for kind in ('weight', 'bias'))
        return (x - mean) / (var + 1e-5).sqrt() * factor + shift

    def running(prefix):
        return [stem[f'{prefix}.{kind}'].double()[:, None, None] for kind in ('running_mean', 'running_var')]

    for conv, norm in ((0, 1), (3, 4), (6, 7)):
        kernel = stem[f'{conv}.weight'].double()
        x = F.conv2d(x, kernel, stride=2 if conv == 0 else 1, padding=kernel.shape[-1] // 2)
        if norm == 7:
            x = normalised(x, '7', running('7'))
        else:
            first, second = x[:, :32], x[:, 32:]
            own = first.mean((2, 3), keepdim=True), first.var((2, 3), keepdim=True, unbiased=False)
            x = torch.cat(
                (normalised(first, f'{norm}.IN', own), normalised(second, f'{norm}.BN', running(f'{norm}.BN'))), dim=1
            )
        x = x.relu()
    return x


def test_transreid_ssls_stem(tmp_path, log):
    weights, content = golden('timm')
    saved = dict(teacher=ics(weights) | {'module.head.mlp.0.weight': torch.ones(4, 24)}, epoch=100)
    network = load('timm', saved, tmp_path / 'vit_small_ics_cfs_lup.pth', ics_stem=True)
    assert log[0].endswith('(TransReID-SSL with ICS): 49 used; dropped head.mlp.0.weight (no part of the backbone)')
    network.double().eval()
    x = images(*content['size'])
    stem = {key.removeprefix('module.backbone.patch_embed.conv.'): value for key, value in saved['teacher'].items()}
    expected = slow_ics(x, stem)
    with torch.no_grad():
        assert (network.patch_embed.stem(x) - expected).abs().max() < 1e-6
        patches = network.patch_embed.projection(expected)
        assert (network._patches(x, BATCH) - patches).abs().max() < 1e-6 and patches.shape == (2, 24, 4, 2)
    with pytest.raises(ValueError, match='build the backbone as in the file .ics_stem=True.'):
        load('timm', saved, tmp_path / 'ics.pth')


def test_each_modality_has_its_own_stem_if_patches_are_specific(tmp_path):
    weights, _ = golden('timm')
    network = load('timm', ics(weights), tmp_path / 'ics.pth', ics_stem=True, specific_patches=True)
    assert torch.equal(network.infrared.stem[0].weight, network.patch_embed.stem[0].weight)
    assert network.infrared.stem[0].weight is not network.patch_embed.stem[0].weight


def test_dinov2s_registers_stand_beside_the_patches_and_are_taken_away(tmp_path):
    weights, content = golden('dinov2')
    weights['register_tokens'] = weight('register_tokens', [1, 4, 24])
    network = load('dinov2', weights, tmp_path / 'reg4.pth', num_registers=4)
    output = features(network, content['size'])
    with torch.no_grad():
        tokens = network.embed(images(*content['size']), BATCH)
        x = torch.cat((tokens[:, :1], weights['register_tokens'].expand(2, -1, -1).double(), tokens[:, 1:]), dim=1)
        for layer in network.layers:
            x = layer(x)
        expected = torch.cat((x[:, :1], x[:, 5:]), dim=1)
    assert (output - network.ln1(expected)).abs().max() < 1e-6
    plain, _ = golden('dinov2')
    assert (output - features(load('dinov2', plain, tmp_path / 'plain.pth'), content['size'])).abs().max() > 1e-3
    assert network.get_layer_depth('registers') == (0, 4)
    with pytest.raises(ValueError, match='leave num_registers at 0'):
        JigsawVisionTransformer(arch=VIT, num_registers=4)


def test_solider_controls_what_enters_the_later_stages(tmp_path, log):
    weights, content = golden('swin')
    network = load('swin', weights, tmp_path / 'swin.pth')
    plain = features(network, content['size'])
    saved = {f'backbone.{key}': value for key, value in network.swin.state_dict().items()}
    for stage, channels in enumerate((16, 32, 64, 64)):
        for part in 'wb':
            saved[f'backbone.semantic_embed_{part}.{stage}.weight'] = torch.zeros(channels, 2)
            # softplus(0.5413) is one
            saved[f'backbone.semantic_embed_{part}.{stage}.bias'] = torch.full((channels,), 0.541324855 * (part == 'w'))
    saved |= {f'backbone.norm{stage}.weight': torch.ones(8 * 2**stage) for stage in range(3)}
    neutral = load('swin', dict(teacher=saved), tmp_path / 'solider.pth', semantic_weight=0.2)
    assert (features(neutral, content['size']) - plain).abs().max() < 1e-4
    assert 'backbone.semantic_embed_b.3.bias (what no feature depends on)' in log[-1]
    for ratio, factor in ((0.2, 0.2), (1.0, 1.0)):
        saved['backbone.semantic_embed_b.0.weight'] = torch.ones(16, 1) * torch.tensor([1.0, 0.0])
        shifted = load('swin', dict(teacher=saved), tmp_path / 'solider.pth', semantic_weight=ratio)
        x = torch.zeros(1, 4, 16)
        assert torch.allclose(shifted._controlled(x, 0), x + factor)
    assert not any(value.requires_grad for key, value in shifted.named_parameters() if 'semantic' in key)
    with pytest.raises(ValueError, match='semantic_embed_w.0.weight: .* missing in the model.*semantic_weight=0.2'):
        load('swin', dict(teacher=saved), tmp_path / 'solider.pth')


def test_relative_positions_are_resized_to_other_windows(tmp_path, log):
    weights, _ = golden('swin')
    network = load('swin', weights, tmp_path / 'swin.pth', window_size=4)
    assert 'relative positions resized from windows of 2 to 4' in log[0]
    assert network.swin.stages[0].blocks[0].attn.w_msa.relative_position_bias_table.shape == (49, 1)
    assert features(network, (128, 64)).shape == (2, 64, 4, 2)


@pytest.mark.parametrize('stated, expected', [(None, '4 x 4'), ((8, 2), '8 x 2')])
def test_a_square_number_of_positions_is_of_the_grid_that_is_stated(tmp_path, log, stated, expected):
    weights, _ = golden('timm')
    weights['pos_embed'] = weight('pos_embed', [1, 17, 24])
    network = load('timm', weights, tmp_path / 'vit.pth', pretrained_grid=stated)
    assert f'positions resized from {expected} to 4 x 2' in log[0]
    if stated:  # every second row
        rows = weights['pos_embed'][0, 1:].view(8, 2, 24).unflatten(0, (4, 2)).mean(1)
        assert torch.allclose(network.pos_embed[0, 1:].view(4, 2, 24).double(), rows, atol=1e-6)
    with pytest.raises(ValueError, match=r'pretrained_grid is \(5, 3\), and the file holds 16 positions'):
        load('timm', weights, tmp_path / 'vit.pth', pretrained_grid=(5, 3))


def test_mocos_query_encoder(tmp_path, log):
    from torchvision.models import resnet18

    reference = resnet18().state_dict()
    saved = {f'module.encoder_q.{key}': value for key, value in reference.items() if not key.startswith('fc')}
    saved |= {f'module.encoder_k.{key}': torch.zeros_like(value) for key, value in reference.items()}
    saved |= {'module.encoder_q.fc.0.weight': torch.ones(3, 512), 'module.queue': torch.ones(128, 8)}
    torch.save(dict(state_dict=saved, arch='resnet18'), tmp_path / 'moco.pth')
    network = ResNetEncoder(depth=18, pretrained=str(tmp_path / 'moco.pth'))
    network.init_weights()
    assert all(torch.equal(value, reference[key]) for key, value in network.state_dict().items())
    assert '(MoCo): 120 used' in log[0] and 'fc.0.weight (the projection of the contrastive loss)' in log[0]


def test_an_encoder_of_a_trained_haresformer(tmp_path, log):
    network = ResNetEncoder(depth=18, base_channels=8)
    saved = {f'backbone.encoder.{key}': value for key, value in network.state_dict().items()}
    torch.save(dict(state_dict=saved | {'head.x': torch.ones(1)}), tmp_path / 'epoch_1.pth')
    again = ResNetEncoder(depth=18, base_channels=8, pretrained=str(tmp_path / 'epoch_1.pth'))
    again.init_weights()
    assert all(torch.equal(value, network.state_dict()[key]) for key, value in again.state_dict().items())
    assert log[0].endswith('dropped head.x (no part of the backbone)')

"""A training step of DFLN-ViT, narrow, against one written out from the facts."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..steps import check_step

CONFIG = Path(__file__).parents[3] / 'configs/_base_/models/dfln_vit.py'


def build(**options) -> VIReID:
    """Its network on a ResNet-18 of 8 to 64 channels, whose last map of 96 x 48 has 6 x 3 positions."""
    cfg = load_config(str(CONFIG)).model
    cfg.backbone.update(depth=18, base_channels=8, pretrained=None, img_size=(96, 48), cell=1, **options)
    cfg.neck.update(in_channels=64, channels=12)
    cfg.head.update(num_classes=6, channels=12)
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    model.init_weights()
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model.double().train()


def attended(layer, x):
    query, key, value = layer.qkv(layer.norm1(x)).split(32, dim=2)
    x = layer.proj((query @ key.transpose(1, 2) / x.shape[2] ** 0.5).softmax(2) @ value)
    return layer.mlp[3](F.gelu(layer.mlp[0](layer.norm2(x))))


def stream(net, parts, tokens, gates, images):
    """The last map of one modality's network."""
    x = F.max_pool2d(F.relu(parts.bn1(parts.conv1(images))), 3, 2, 1)
    enlarged = []
    for stage in range(4):
        x = getattr(parts, f'layer{stage + 1}')(x)
        spatial, gate = tokens[stage], gates[stage]
        patches = F.conv2d(x, spatial.patches.weight, spatial.patches.bias, stride=(4, 2, 1, 1)[stage])
        coarse = attended(spatial.layer, patches.flatten(2).transpose(1, 2) + spatial.positions)  # (B, 18, 64)
        coarse = coarse.reshape(-1, 64, 6, 3)  # as released: the axes are not exchanged
        enlarged.append(F.interpolate(coarse, (6, 3), mode='bilinear', align_corners=True))
        channels = attended(gate.layer, x.mean((2, 3))[..., None] + gate.positions)  # (B, C, 1)
        x = x * channels.sigmoid()[..., None]
    return x + sum(enlarged)


def hetero_center(feats, labels):
    """Four visible images, then four infrared ones, of two people."""
    visible, infrared = (
        torch.stack([group[labels[:4] == pid].mean(0) for pid in (1, 4)]) for group in F.normalize(feats).split(4)
    )
    across = (visible - infrared).norm(dim=1)
    ranking = sum((0.3 + across - (group[0] - group[1]).norm()).clamp(min=0).mean() for group in (visible, infrared))
    return across.square().sum() + ranking


def written_out(model, images, labels):
    net = model.backbone
    parts = ((net, 'visible'), (net.infrared, 'infrared'))
    maps = torch.cat(
        [
            stream(net, part, net.tokens[name], net.gates[name], rows)
            for (part, name), rows in zip(parts, images.split(4))
        ]
    )
    loss = 0
    for index, stripe in enumerate(maps.split(1, dim=2)):
        conv, norm, _ = model.neck.stripes[index]
        feats = norm(conv(stripe.mean((2, 3), keepdim=True))).flatten(1)
        logits = model.head.classifiers[index](F.leaky_relu(feats, 0.1))
        loss = loss + F.cross_entropy(logits, labels) + 0.5 * hetero_center(feats, labels)
    return loss


def test_a_step_equals_the_one_written_out(images, samples):
    model = build()
    images, labels = images.double(), torch.tensor([sample.gt_label for sample in samples])
    assert labels.tolist() == [1, 1, 4, 4] * 2
    check_step(model, images, samples, lambda model: written_out(model, images, labels), statistics=True)


def test_as_released_the_gates_leave_parts_untrained_and_a_working_gate_does_not(images, samples):
    positions = {}
    for width in (1, 6):
        model = build(gate_width=width, in_place=width > 1)
        model.parse_losses(model(images.double(), samples, mode='loss'))[0].backward()
        gates = [gate for gates in model.backbone.gates.values() for gate in gates]
        assert all(gate.layer.mlp[3].weight.grad.any() for gate in gates)
        positions[width] = [gate.positions.grad.abs().max().item() for gate in gates]
    assert max(positions[1]) == 0 < min(positions[6])


def test_an_image_has_one_feature_whatever_it_is_batched_with(images, samples):
    model = build().eval()
    with torch.no_grad():
        together = [sample.pred_feature for sample in model(images.double(), samples, mode='predict')]
        alone = model(images[5:6].double(), samples[5:6], mode='predict')[0].pred_feature
    torch.testing.assert_close(alone, together[5])


def test_both_streams_start_from_the_same_resnet_and_from_tokens_of_their_own():
    net = build().backbone
    assert torch.equal(net.layer3[0].conv1.weight, net.infrared['layer3'][0].conv1.weight)
    for parts in (net.tokens, net.gates):
        assert not torch.equal(parts['visible'][0].positions, parts['infrared'][0].positions)
    patches = net.tokens['visible'][3].patches  # PyTorch's initialisation, not a ResNet's
    assert patches.weight.abs().max() <= (1 / 64) ** 0.5 and patches.bias.abs().max() > 0


def test_images_of_another_size_are_refused(images, samples):
    with pytest.raises(ValueError, match=r'has positions for images of \(96, 48\), not of \(96, 32\)'):
        build()(images[..., :32].double(), samples)
    with pytest.raises(ValueError, match=r'img_size=\(100, 48\) is not divisible into patches of 16 pixels'):
        MODELS.build(dict(type='haresreid.TokenEnhancedResNet', depth=18, img_size=(100, 48), cell=1))


def test_the_retrieval_feature_is_made_of_normalised_stripes(images, samples):
    model = build().eval()
    with torch.no_grad():
        features = model.head(*model.extract_feat(images.double(), ReIDBatch.of(samples)))
    expected = torch.cat([F.normalize(features[f'stripe_{i}']) for i in range(1, 7)], dim=1)
    torch.testing.assert_close(features[model.head.retrieval_feature], expected)

"""CM-NAS's network and losses against numbers of its released code, and a training step written out."""

import json
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import OptimWrapper

from haresreid.config.config import load_config
from haresreid.models import VIReID
from haresreid.models.layers import ModalityBatchNorm2d
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

ROOT = Path(__file__).parents[3]
GOLDEN = json.loads((ROOT / 'tests/data/golden/cm_nas.json').read_text())
SAMPLES = [ReIDDataSample(metainfo=dict(modality=row // 2, gt_label=row % 2)) for row in range(4)]


def build(narrow: bool = False, **backbone) -> VIReID:
    cfg = load_config(str(ROOT / 'configs/_base_/models/cm_nas_separate.py')).model
    cfg.backbone.update(pretrained=None, **backbone)
    cfg.head.num_classes = 6 if narrow else 395
    if narrow:
        cfg.backbone.update(depth=18, base_channels=8)
        cfg.head.in_channels = 64
    torch.manual_seed(0)
    return MODELS.build(dict(cfg, _scope_='haresreid'))


def official_name(key: str, norms: dict) -> str:
    """The released code holds every norm in three forms; its pattern says which are used."""
    module, parameter = key.rsplit('.', 1)
    shared = module.removesuffix('.infrared')
    if shared in norms:
        form = (
            'thermal'
            if shared != module
            else 'visible'
            if isinstance(norms[shared], ModalityBatchNorm2d)
            else 'sharable'
        )
        return f'{shared}.{form}_bn.{parameter}'.replace('downsample.1', 'downsample.bn')
    return key.replace('downsample.0', 'downsample.conv').replace('head.', '')


def weight(name: str, shape: torch.Size) -> torch.Tensor:
    """What a parameter was for the golden numbers, from its name and shape alone."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    if name.endswith('running_var'):
        value = 0.75 + 0.5 * rng.random(shape)
    elif len(shape) >= 2:
        value = rng.standard_normal(shape) * np.sqrt(1.5 / np.prod(shape[1:]))
    elif name.endswith('weight'):
        value = 1 + 0.1 * rng.standard_normal(shape)
    else:
        value = 0.1 * rng.standard_normal(shape)
    return torch.from_numpy(value.astype(np.float32))


def make_images() -> torch.Tensor:
    b, c, h, w = np.meshgrid(*map(np.arange, (2, 3, *GOLDEN['size'])), indexing='ij')
    visible = np.sin(0.37 * b + 0.11 * c + (0.05 + 0.08 * b) * h + 0.03 * w)
    visible = visible + 0.5 * np.sin(0.9 * c + 0.21 * h - (0.17 - 0.1 * b) * w + 1.3 * b)
    infrared = np.cos(0.41 * b + (0.04 + 0.07 * b) * h - 0.06 * w)
    infrared = (infrared + 0.5 * np.cos(0.13 * h + (0.19 - 0.12 * b) * w + 0.7 * b))[:, :1].repeat(3, axis=1)
    return torch.from_numpy(np.concatenate((visible, infrared)).astype(np.float32))


def check(output: torch.Tensor, expected: dict) -> None:
    output = output.double().numpy()
    norms = np.linalg.norm(output, axis=1)
    assert list(output.shape) == expected['shape']
    assert norms == pytest.approx(np.array(expected['norm']), rel=1e-4)
    rms = norms[:, None] / output.shape[1] ** 0.5
    assert (np.abs(output[:, :8] - expected['first8']) < 1e-3 * rms).all()
    assert (np.abs(output.sum(1) - expected['sum']) < 1e-4 * np.abs(output).sum(1)).all()
    assert abs(output[0] @ output[1] - expected['dot01']) < 1e-4 * norms[0] * norms[1]


def test_equals_the_official_network_and_its_losses_in_training_and_evaluation():
    """With a pattern made up for the numbers; the one that was found was not released."""
    model = build(separate=[not shared for shared in GOLDEN['switches']])
    norms = {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.BatchNorm2d)}
    state = {key: weight(official_name(key, norms), value.shape) for key, value in model.state_dict().items()}
    assert len([key for key in state if not key.endswith(('running_mean', 'running_var', 'tracked'))]) == 198
    model.load_state_dict(state)
    with torch.no_grad():
        features = model.double().train()(make_images().double(), SAMPLES)
        losses = model.criterion(features, ReIDBatch.of(SAMPLES))
        model.load_state_dict(state)
        tested = model.eval()(make_images().double(), SAMPLES)
    for name, entry in dict(embed='train_out0', bn_embed='feat', logits='train_out1').items():
        check(features[name], GOLDEN[entry])
    for name, entry in dict(embed='pool', bn_embed='bn').items():
        check(tested[name][:2], GOLDEN[f'eval_{entry}_visible'])
        check(tested[name][2:], GOLDEN[f'eval_{entry}_infrared'])
    for name, term in dict(id='ce', tri='tri', sp='sp', cmmd='cmmd').items():
        value = losses[f'loss_{name}'].item() / model.criterion.weights[name]
        assert value == pytest.approx(GOLDEN['float64_losses'][term], rel=2e-5), name


def test_a_training_step_equals_one_written_out(images, samples):
    model, reference = build(narrow=True).double().train(), build(narrow=True).double().train()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    log = model.train_step(dict(inputs=list(images.double()), data_samples=samples), wrapper)

    batch = ReIDBatch.of(samples)
    (x,), _ = reference.backbone(images.double(), batch)
    f = x.mean((2, 3))
    g = reference.head.bnneck(f)
    losses = [F.cross_entropy(reference.head.classifier(g), batch.labels)]
    triplets = []
    for anchors, candidates in ((0, 0), (1, 1), (0, 1), (1, 0)):
        for a in range(4):
            a = a + 4 * anchors
            distances = [
                (f[a] - f[b]).square().sum().clamp(min=1e-24).sqrt() for b in range(4 * candidates, 4 * candidates + 4)
            ]
            same = [batch.labels[a] == batch.labels[b] for b in range(4 * candidates, 4 * candidates + 4)]
            near = min(d for d, s in zip(distances, same) if not s)
            triplets.append((0.4 + max(d for d, s in zip(distances, same) if s) - near).clamp(min=0) / 16)
    losses.append(sum(triplets))
    v, i = g[:4], g[4:]
    losses.append(5 * ((F.normalize(v @ v.T) - F.normalize(i @ i.T)) ** 2).mean())
    v, i = F.normalize(v), F.normalize(i)
    for rows in (slice(0, 2), slice(2, 4)):
        vv, ii, vi = ((one[rows] @ other[rows].T) ** 2 for one, other in ((v, v), (i, i), (v, i)))
        losses.append(0.05 * (vv.mean() + ii.mean() - 2 * vi.mean()) / 2)
    loss = sum(losses)
    assert log['loss'].item() == pytest.approx(loss.item(), rel=1e-10)
    loss.backward()
    for name, parameter in reference.named_parameters():
        if parameter.requires_grad:
            expected = parameter.detach() - 0.01 * parameter.grad
            torch.testing.assert_close(model.get_parameter(name).detach(), expected, rtol=0, atol=1e-10, msg=name)

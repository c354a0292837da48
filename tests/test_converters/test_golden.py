"""Our networks with converted weights against numbers that the official networks gave with the same weights."""

import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from haresreid.config.config import load_config
from haresreid.converters import METHODS, from_official
from haresreid.models import VIReID
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

CONFIGS = Path(__file__).parents[2] / 'configs/_base_/models'
BNNECK = ['embed', 'logits']
STRIPES = [*(f'stripe_{i}' for i in range(1, 7)), *(f'logits_{i}' for i in range(1, 7)), 'embed']
TOLERANCE = 1e-3
# of the images of make_images: identities 0 and 1, in both modalities
SAMPLES = [ReIDDataSample(metainfo=dict(gt_label=row % 2, modality=row // 2)) for row in range(4)]


def weight(name: str, shape: list[int]) -> torch.Tensor:
    """What a parameter was for the golden numbers, from its name and shape alone."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    if name.endswith('running_var'):
        value = 0.75 + 0.5 * rng.random(shape)
    elif name.endswith('running_mean'):
        value = 0.1 * rng.standard_normal(shape)
    elif len(shape) >= 2:
        value = rng.standard_normal(shape) * np.sqrt(1.5 / np.prod(shape[1:]))
    elif len(shape) == 1 and name.endswith('weight'):
        value = 1 + 0.1 * rng.standard_normal(shape)
    else:
        value = 0.1 * rng.standard_normal(shape)
    return torch.from_numpy(value.astype(np.float32))


def make_images(size: tuple[int, int] = (288, 144), phase: float = 0.0, count: int = 2) -> torch.Tensor:
    """Two visible images, or ``count`` of them, then as many infrared ones."""
    b, c, h, w = np.meshgrid(*map(np.arange, (count, 3, *size)), indexing='ij')
    visible = np.sin(0.37 * b + 0.11 * c + (0.05 + 0.08 * b) * h + 0.03 * w + phase) + 0.5 * np.sin(
        0.9 * c + 0.21 * h - (0.17 - 0.1 * b) * w + 1.3 * b + phase
    )
    infrared = (
        np.cos(0.41 * b + (0.04 + 0.07 * b) * h - 0.06 * w + phase)
        + 0.5 * np.cos(0.13 * h + (0.19 - 0.12 * b) * w + 0.7 * b + phase)
    )[:, :1].repeat(3, axis=1)
    return torch.from_numpy(np.concatenate((visible, infrared)).astype(np.float32))


def build(method: str, reference: dict, **head) -> VIReID:
    """Our network of the method, with the weights of the golden numbers, converted, in float64."""
    unread = tuple(METHODS[method].unused)  # drawing these would take longer than all else
    official = {
        name: torch.zeros(shape) if name.startswith(unread) else weight(name, shape)
        for name, shape in reference['keys'].items()
    }
    conversion = from_official(method, official)
    cfg = load_config(str(CONFIGS / f'{method}.py'), conversion.overrides).model
    cfg.head.update(num_classes=conversion.num_classes, **head)
    model = MODELS.build(dict(cfg, _scope_='haresreid'))
    absent, unknown = model.load_state_dict(conversion.weights, strict=False)
    assert not unknown and all(name.startswith('criterion.') for name in absent)  # a loss is no part of the network
    return model.double()  # batch norms over four images amplify float32's rounding beyond the tolerance


def check(output: torch.Tensor, expected: dict, name: str, tolerance: float = TOLERANCE) -> None:
    """Compare an output with its summary in a reference file."""
    output = output.double().numpy()
    expected = {key: np.array(value) for key, value in expected.items()}
    norms = np.linalg.norm(output, axis=1)
    assert list(output.shape) == expected['shape'].tolist()
    assert norms == pytest.approx(expected['norm'], rel=tolerance), name
    # signed entries, sums and products may be near zero: relative to the size of what is summed
    assert np.abs(output[:, :8] - expected['first8']).max() <= tolerance * np.abs(expected['first8']).max(), name
    assert (np.abs(output.sum(axis=1) - expected['sum']) < tolerance * np.abs(output).sum(axis=1)).all(), name
    assert abs(output[0] @ output[1] - expected['dot01']) < tolerance * norms[0] * norms[1], name


@pytest.mark.parametrize('method, names', [('agw', BNNECK), ('hc_tri', STRIPES), ('mmd_reid', BNNECK)])
def test_equals_the_official_network_in_training(golden, method, names):
    reference = golden(method)
    model = build(method, reference).train()
    # shuffled, since our networks go by the modality and not by the place in the batch
    order = torch.tensor([2, 0, 3, 1])
    samples = [ReIDDataSample(metainfo=dict(modality=int(row >= 2))) for row in order]
    with torch.no_grad():
        features = model(make_images().double()[order], samples)

    assert [key for key in reference if key != 'keys'] == [f'train_out{i}' for i in range(len(names))]
    for i, name in enumerate(names):
        check(features[name][order.argsort()], reference[f'train_out{i}'], name)


def test_mpanet_equals_the_official_network_and_its_losses(golden):
    """In training, where the means of the modalities' classifiers move first, and in evaluation."""
    reference = golden('mpanet')
    model = build('mpanet', reference).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    order = torch.tensor([2, 0, 3, 1])
    samples = [ReIDDataSample(metainfo=dict(modality=int(row >= 2), gt_label=int(row) % 2)) for row in order]
    images = make_images(reference['size']).double()[order]
    with torch.no_grad():
        features = model(images, samples)
        losses = model.criterion(features, ReIDBatch.of(samples))
        model.load_state_dict(before)
        tested = model.eval()(images, samples)['bn_embed'][order.argsort()]

    embed, masks, feat, logits, own, other = (
        features[name][order.argsort()].flatten(1)
        for name in ('embed', 'masks', 'bn_embed', 'logits', 'own_logits', 'other_logits')
    )
    outputs = dict(
        map_gap=embed[:, -2048:],
        masks=masks,
        train_out0=embed,
        feat=feat,
        train_out1=logits,
        visible_classifier=own[:2],
        infrared_classifier=own[2:],
        visible_classifier_=other[2:],
        infrared_classifier_=other[:2],
    )
    assert reference.keys() == {*outputs, 'eval_feat', 'losses', 'float64_losses', 'keys', 'phase', 'size'}
    for name, output in outputs.items():
        expected = dict(reference[name], shape=[len(output), int(np.prod(reference[name]['shape'][1:]))])
        check(output, expected, name, 2e-3)  # batch norm over 4 rows of 14336
    check(tested, reference['eval_feat'], 'eval_feat')

    terms, weights = reference['float64_losses'], model.criterion.weights
    expected = dict(
        id=terms['ce'],
        modality_id=(terms['ce-v'] + terms['ce-i']) / 2,
        kl=terms['KL'],
        center=terms['cc'],
        separation=terms['p-reg'],
    )
    for name, value in expected.items():
        assert losses[f'loss_{name}'].item() / weights[name] == pytest.approx(value, rel=1e-5), name
    total = sum(value for name, value in losses.items() if name.startswith('loss'))
    assert total.item() == pytest.approx(terms['total'], rel=1e-5)

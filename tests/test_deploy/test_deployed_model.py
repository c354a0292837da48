from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmcv.transforms import Normalize, RandomFlip, Resize

from haresreid.apis import TorchBackend, get_model
from haresreid.datasets import LoadReIDImage, PackReIDInputs
from haresreid.deploy.deployed_model import DeployedModel
from haresreid.deploy.export import noise

ROOT = Path(__file__).parents[2]
NORMALIZE = Normalize(mean=[1.0, 2.0, 3.0], std=[4.0, 5.0, 6.0], to_rgb=False)


@pytest.mark.parametrize(
    'name, needs_modalities',
    [
        ('haresformer_synth', False),
        ('baselines/one_stream_synth', False),
        ('baselines/two_stream_synth', True),
        ('baselines/zero_padding_synth', True),
        ('baselines/caj_synth', True),
        ('baselines/cm_nas_separate_synth', True),
        ('baselines/cm_nas_shared_synth', False),
        ('baselines/mpanet_synth', False),
        ('baselines/jsia_synth', False),
        ('baselines/aligngan_synth', True),
        ('baselines/hicmd_synth', True),
        ('baselines/tone_synth', True),
        ('light_synth', True),
    ],
)
def test_bytes_give_the_features_of_the_test_pipeline(name, needs_modalities):
    torch.manual_seed(0)
    model = get_model(str(ROOT / 'configs' / f'{name}.py'))
    deployed = DeployedModel(model).eval()
    images, modalities = noise(3, (96, 48))
    with torch.no_grad():
        features = deployed(torch.from_numpy(images), torch.from_numpy(modalities)).numpy()
    np.testing.assert_allclose(features, TorchBackend(model)(images, modalities), rtol=0, atol=2e-6)
    assert deployed.needs_modalities == needs_modalities


def test_both_streams_see_every_image_in_a_graph(monkeypatch):
    model = get_model(str(ROOT / 'configs/baselines/two_stream_synth.py'))
    with torch.no_grad():  # otherwise both streams start equal
        model.backbone.infrared['conv1'].weight.mul_(-1)
    images, modalities = map(torch.from_numpy, noise(3, (96, 48)))
    deployed = DeployedModel(model).eval()
    with torch.no_grad():
        expected = deployed(images, modalities)
        monkeypatch.setattr(torch.compiler, 'is_compiling', lambda: True)
        torch.testing.assert_close(deployed(images, modalities), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    'steps, message',
    [
        (
            (LoadReIDImage(), RandomFlip(prob=0.0), NORMALIZE, PackReIDInputs()),
            'LoadReIDImage, RandomFlip, Normalize, ',
        ),
        ((LoadReIDImage(), PackReIDInputs()), 'where Normalize must be'),
        ((LoadReIDImage(), NORMALIZE, NORMALIZE, PackReIDInputs()), 'holds only'),
        ((NORMALIZE, LoadReIDImage(), PackReIDInputs()), 'in this order'),
        ((LoadReIDImage(), Resize(scale=(48, 96)), NORMALIZE, PackReIDInputs()), 'use LanczosResize'),
        ((LoadReIDImage(), Normalize(mean=[1.0], std=[1.0], to_rgb=True), PackReIDInputs()), 'swaps red and blue'),
    ],
)
def test_a_pipeline_that_the_graph_would_not_hold_is_refused(steps, message):
    model = SimpleNamespace(test_pipeline=SimpleNamespace(transforms=list(steps)))
    with pytest.raises(ValueError, match=message):
        DeployedModel(model)

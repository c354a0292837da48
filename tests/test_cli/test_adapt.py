"""``haresreid adapt`` on images of four people, whose colours tell them apart even to a model that has not learned."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image

from haresreid.apis import init_model
from haresreid.cli.main import main
from haresreid.config.config import load_config
from haresreid.files.paths import CONFIG_ROOT

CONFIG = str(CONFIG_ROOT / 'configs/baselines/agw_synth.py')
COLOURS = [(220, 40, 40), (40, 220, 40), (40, 40, 220), (230, 230, 230)]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Folders ``day`` and ``night`` with six images of each person, and the weights of a model."""
    folder = tmp_path_factory.mktemp('adapt')
    rng = np.random.RandomState(0)
    for place in ('day', 'night/camera'):
        (folder / place).mkdir(parents=True)
        for number in range(24):
            pixels = COLOURS[number % 4] + rng.randint(-15, 16, (96, 48, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / place / f'{number}.png')
    torch.manual_seed(0)
    cfg = load_config(CONFIG, {'model.backbone.pretrained': None})
    torch.save(dict(state_dict=init_model(cfg).state_dict()), folder / 'model.pth')
    return folder


def adapt(folder, monkeypatch, work_dir, *options):
    monkeypatch.chdir(folder)
    options = ['--k1', '5', '--work-dir', work_dir, *options]
    places = ['--visible', 'day', '--infrared', 'night']
    sizes = ['train_dataloader.sampler.num_ids=2', 'default_hooks.logger.interval=1']
    monkeypatch.setattr(
        sys, 'argv', ['haresreid', 'adapt', CONFIG, 'model.pth', *places, *options, '--cfg-options', *sizes]
    )
    main()


def weights(file):
    return torch.load(file, weights_only=True)['state_dict']


def test_a_model_is_adapted_and_a_resumed_adaptation_equals_one_that_was_left_alone(folder, monkeypatch, capsys):
    adapt(folder, monkeypatch, 'alone', '--epochs', '2')
    said = capsys.readouterr().out
    assert '48 images of ? people' in said and '2 epochs of 4 steps' in said
    assert all((folder / 'alone' / name).is_file() for name in ('clusters.png', 'curves.png', 'epoch_2.pth'))
    adapt(folder, monkeypatch, 'killed', '--epochs', '1')
    adapt(folder, monkeypatch, 'killed', '--epochs', '2', '--resume')
    alone, resumed = (weights(folder / name / 'epoch_2.pth') for name in ('alone', 'killed'))
    torch.testing.assert_close(resumed, alone, rtol=0, atol=0)
    before = weights(folder / 'model.pth')
    assert alone.keys() == before.keys() and not torch.equal(
        alone['backbone.conv1.weight'], before['backbone.conv1.weight']
    )
    init_model(CONFIG, str(folder / 'alone/epoch_2.pth'))  # with the config as before


@pytest.mark.parametrize(
    'options, message',
    [
        (['--visible', 'dusk'], "There is no folder 'dusk' of visible images"),
        (['--infrared', 'day'], '24 images are in both folders, day and day'),
        (['--eps', '1.5'], r'radius must be in \[0, 1\), got 1.5'),
    ],
)
def test_what_cannot_be_adapted_to_is_refused(folder, monkeypatch, options, message):
    with pytest.raises(SystemExit, match=message):
        adapt(folder, monkeypatch, f'refused{options[1]}', *options)

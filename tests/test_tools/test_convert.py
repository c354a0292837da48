import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.apis import extract_features, init_model
from haresreid.config.config import load_config
from haresreid.config.model_parts import model_parts
from haresreid.converters import to_official
from haresreid.registry import MODELS
from haresreid.structures import Modality

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / 'configs/baselines/agw_regdb_paper.py')


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def convert(*args):
        monkeypatch.setattr(sys, 'argv', ['convert.py', *map(str, args)])
        runpy.run_path(str(ROOT / 'tools/converters/convert.py'), run_name='__main__')

    return convert


@pytest.fixture
def official_file(tmp_path) -> Path:
    """A model of the RegDB config, as AGW's official script would have saved it."""
    init_default_scope('haresreid')
    torch.manual_seed(0)
    model = MODELS.build(load_config(CONFIG).model)
    torch.save(
        dict(net=to_official('agw', model.state_dict()).weights, acc=np.float64(0.7), mAP=np.float64(0.66), epoch=41),
        tmp_path / 'official.t',
    )
    return tmp_path / 'official.t'


def test_a_converted_file_gives_features_and_goes_back(run, official_file, tmp_path, capsys):
    run('agw', 'official.t', 'ours.pth')
    out = capsys.readouterr().out
    assert 'used: 395 parameters' in out and 'dropped: 630 parameters' in out and 'missing: 0 parameters' in out
    assert 'thermal_module.thermal.layer1.0.conv1.weight and 59 more of it   each of three modules keeps' in out
    assert 'ours.pth: AGW, 206 identities\n' in out and 'Its config needs' not in out

    Image.fromarray(np.full((96, 48, 3), 90, dtype=np.uint8)).save('image.png')
    model = init_model(CONFIG, 'ours.pth')
    assert torch.load('ours.pth')['meta']['parts'] == model_parts(load_config(CONFIG).model)
    features = torch.cat([extract_features(model, ['image.png'], modality) for modality in Modality])
    assert features.shape == (2, 2048) and features.isfinite().all()

    run('agw', 'ours.pth', 'back.t', '--to-official', '--verbose')
    assert '  backbone.infrared.conv1.weight -> thermal_module.thermal.conv1.weight\n' in capsys.readouterr().out
    before, after = (torch.load(name, weights_only=False)['net'] for name in ('official.t', 'back.t'))
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_nothing_is_written_that_was_not_asked_for(run, official_file, tmp_path):
    with pytest.raises(SystemExit, match='official.t: it does not hold the network of HC-Tri'):
        run('hc_tri', 'official.t', 'ours.pth')
    assert [path.name for path in tmp_path.iterdir()] == ['official.t']
    with pytest.raises(SystemExit, match='there is no folder nowhere to write ours.pth into'):
        run('agw', 'official.t', 'nowhere/ours.pth')
    (tmp_path / 'ours.pth').write_text('precious')
    with pytest.raises(SystemExit, match='ours.pth is there already: add --overwrite'):
        run('agw', 'official.t', 'ours.pth')
    assert (tmp_path / 'ours.pth').read_text() == 'precious'
    run('agw', 'official.t', 'ours.pth', '--overwrite')
    assert 'state_dict' in torch.load('ours.pth', weights_only=True)

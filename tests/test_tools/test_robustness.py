"""tools/analysis/robustness.py, in this process, on a drawn data set and a model with random weights."""

import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from haresreid.config.config import load_config
from haresreid.registry import MODELS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cfg = load_config(str(ROOT / 'configs/baselines/two_stream_synth.py'))
    cfg.model.backbone.base_channels = 8
    cfg.model.head.update(num_classes=2, in_channels=64)
    cfg.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    cfg.train_dataloader.update(batch_size=8)
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].update(num_workers=0, persistent_workers=False)
        cfg[name].dataset.update(num_ids=(2, 0, 4), images_per_camera=1, data_root='data')
    cfg.dump('narrow.py')
    init_default_scope('haresreid')
    torch.manual_seed(0)
    torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, 'narrow.pth')

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['robustness.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/robustness.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


def test_figures_tables_and_maps(run):
    options = ('narrow.py', 'narrow.pth', '--corruptions', 'rain', 'dead_lines', '--repeats', 2)
    printed = run(*options)
    assert 'visible/rain' in printed and 'infrared/dead_lines' in printed
    content = json.loads(Path('robustness/narrow.json').read_text())
    assert list(content['figures']) == ['clean', 'visible/rain', 'infrared/dead_lines']
    assert len(content['figures']['visible/rain']['sysu/all']['mINP']) == 2
    for file in ('robustness.md', 'robustness.csv', 'sysu_all.png', 'sysu_all.svg'):
        assert (Path('robustness') / file).stat().st_size

    # a second call takes what is there, and measures only another condition or another model
    assert 'clean' not in run(*options)
    more = run(*options[:-2], 'saturation', *options[-2:])
    assert 'clean' not in more and 'dead_lines' not in more and 'infrared/saturation' in more
    both = run('narrow.py', 'narrow.pth', *options, '--names', 'narrow', 'other')
    assert both.count('clean') == 1 and '| other | clean |' in Path('robustness/robustness.md').read_text()
    with pytest.raises(SystemExit, match='narrow.json is of another model or of other options'):
        run(*options[:-1], 1)


def test_bad_input_is_refused(run):
    with pytest.raises(SystemExit, match='error: There is no such config or checkpoint: narrow.py none.pth.'):
        run('narrow.py', 'none.pth', '--corruptions', 'rain')
    with pytest.raises(SystemExit, match='error: No infrared image has the corruptions rain.'):
        run('narrow.py', 'narrow.pth', '--corruptions', 'rain', '--modalities', 'infrared')


def test_the_package_is_asked_for_before_anything_else(run, monkeypatch):
    monkeypatch.setitem(sys.modules, 'imagecorruptions', None)
    monkeypatch.setattr('importlib.util.find_spec', lambda name: None)
    with pytest.raises(
        SystemExit, match=r"needs the package 'imagecorruptions', .* pip install -e \".\[robustness\]\""
    ):
        run('narrow.py', 'narrow.pth', '--corruptions', 'fog')

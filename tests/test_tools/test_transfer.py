"""tools/analysis/transfer.py, in this process, on drawn data sets and a model with random weights."""

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
    for level in ('easy', 'standard'):
        for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
            cfg[name].update(num_workers=0, persistent_workers=False)
            cfg[name].dataset.update(num_ids=(2, 0, 3), images_per_camera=1, data_root=f'data/{level}', level=level)
        cfg.dump(f'{level}.py')
    init_default_scope('haresreid')
    torch.manual_seed(0)
    torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, 'narrow.pth')

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['transfer.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/analysis/transfer.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


def test_a_matrix(run):
    printed = run('easy.py', 'narrow.pth', '--tests', 'easy.py', 'standard.py')
    assert 'easy on easy' in printed and 'easy on standard' in printed and '| easy: sysu/all |' in printed
    tests = json.loads(Path('transfer/easy.json').read_text())['tests']
    assert list(tests) == ['easy', 'standard'] and tests['easy']['figures'] != tests['standard']['figures']
    for file in ('transfer.md', 'transfer.csv', 'transfer.png'):
        assert (Path('transfer') / file).stat().st_size
    assert ' on ' not in run('easy.py', 'narrow.pth', '--tests', 'easy.py', 'standard.py').split('##')[0]


def test_bad_input_is_refused(run):
    with pytest.raises(SystemExit, match='error: There is no such config or checkpoint: easy.py none.pth.'):
        run('easy.py', 'none.pth')

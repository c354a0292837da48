import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(monkeypatch, *options):
    monkeypatch.setattr(sys, 'argv', ['get_flops.py', str(ROOT / 'configs/haresformer_sysu.py'), *options])
    runpy.run_path(str(ROOT / 'tools/analysis/get_flops.py'), run_name='__main__')


def test_prints_both_readings(monkeypatch, capsys):
    run(monkeypatch)
    paper, deployed = capsys.readouterr().out.split('Deployed model')
    assert paper.splitlines()[-2].split() == ['total', '24.99', 'GMACs', '113.75', 'M', 'parameters']
    assert '28.98 GMACs' in deployed and '57.96 GFLOPs' in deployed and '123.93 M parameters' in deployed


def test_size_that_does_not_fit(monkeypatch):
    with pytest.raises(SystemExit, match='nearest sizes that fit are 96x48'):
        run(monkeypatch, '--size', '100', '50', '--cfg-options', 'model.backbone.encoder.base_channels=8',
            'model.backbone.encoder.depth=18')

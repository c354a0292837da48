import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(monkeypatch, *options, config='haresformer_sysu.py'):
    monkeypatch.setattr(sys, 'argv', ['get_flops.py', str(ROOT / 'configs' / config), *options])
    runpy.run_path(str(ROOT / 'tools/analysis/get_flops.py'), run_name='__main__')


def test_prints_both_readings(monkeypatch, capsys):
    run(monkeypatch)
    paper, deployed = capsys.readouterr().out.split('Deployed model')
    assert paper.splitlines()[-2].split() == ['total', '25.00', 'GMACs', '113.75', 'M', 'parameters']
    assert '28.98 GMACs' in deployed and '57.96 GFLOPs' in deployed and '123.93 M parameters' in deployed


@pytest.mark.parametrize(
    'method, passed, specific',
    [
        ('two_stream', 23.51, 0.01),  # of ResNet-50, and infrared's copies: the stem's 9,536 parameters,
        ('hc_tri', 23.51, 0.23),  # with layer1's 215,808,
        ('mmd_reid', 23.51, 1.44),  # and layer2's 1,219,584
    ],
)
def test_one_image_passes_one_stream(monkeypatch, capsys, method, passed, specific):
    run(monkeypatch, config=f'baselines/{method}_sysu_unified.py')
    out, deployed = capsys.readouterr().out.split('Deployed model')
    assert out.startswith(f'{ROOT}/configs/baselines/{method}_sysu_unified.py: one visible image of 288x144')
    rows = {line.split()[0]: line.split() for line in out.splitlines() if line.startswith('  ')}
    assert list(rows) == ['conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4', 'total']
    assert rows['total'] == ['total', '5.17', 'GMACs', str(passed), 'M', 'parameters']
    head = dict(hc_tri=6 * (2048 * 256 + 256 + 2 * 256 + 257 * 395)).get(method, 2 * 2048 + 2048 * 395) / 1e6
    params = float(deployed.split('GMACs')[1].split()[0])
    assert params == pytest.approx(passed + specific + head, abs=0.015)


def test_narrow_models_are_counted_in_millions(monkeypatch, capsys):
    run(monkeypatch, config='baselines/one_stream_synth.py')
    assert '19.57 MMACs' in capsys.readouterr().out


def test_size_that_does_not_fit(monkeypatch):
    with pytest.raises(SystemExit, match='nearest sizes that fit are 96x48'):
        run(
            monkeypatch,
            '--size',
            '100',
            '50',
            '--cfg-options',
            'model.backbone.encoder.base_channels=8',
            'model.backbone.encoder.depth=18',
        )

import csv
import runpy
import sys
from pathlib import Path

import pytest

from haresreid.costs.memory import PeakMemory

ROOT = Path(__file__).parents[2]
MIB = 2**20


@pytest.fixture
def run(monkeypatch, tmp_path):
    """The tool on the narrow model; memory, which takes a process each, is made up."""

    def peak(make_pass, config, overrides, batch_size, dtype):
        return PeakMemory(100 * MIB, (100 + batch_size * overrides['model.backbone.stage.num_layers']) * MIB)

    monkeypatch.setattr('haresreid.costs.scaling.measure_memory', peak)

    def call(*options, config='configs/haresformer_synth.py'):
        monkeypatch.setattr(sys, 'argv', ['scaling.py', str(ROOT / config), '--out', str(tmp_path / 'run'), *options])
        runpy.run_path(str(ROOT / 'tools/analysis/scaling.py'), run_name='__main__')

    return call


def test_grid_is_measured_and_written(run, capsys, tmp_path):
    run('--heads', '1', '2', '--layers', '1', '2', '--batch-sizes', '1', '2', '--rounds', '3')
    assert (tmp_path / 'run.png').exists() and (tmp_path / 'run.svg').exists()
    rows = list(csv.DictReader((tmp_path / 'run.csv').open()))
    assert [(row['batch_size'], row['dtype'], row['heads'], row['layers']) for row in rows] == [
        (batch_size, dtype, heads, layers)
        for batch_size in '12'
        for dtype in ('fp32', 'bf16')
        for heads in '12'
        for layers in '12'
    ]
    for row in rows:
        assert row['rounds'] == '3'
        assert 0 < float(row['p50_s']) <= float(row['p95_s'])
        assert float(row['images_per_s']) == pytest.approx(float(row['batch_size']) / float(row['p50_s']))
        assert float(row['time_ratio_q25']) <= float(row['time_ratio']) <= float(row['time_ratio_q75'])
        assert float(row['pass_mib']) == float(row['batch_size']) * float(row['layers'])
        assert float(row['peak_mib']) == 100 + float(row['pass_mib'])
    assert [
        float(row['time_ratio']) for row in rows if (row['dtype'], row['heads'], row['layers']) == ('fp32', '1', '1')
    ] == [1, 1]  # the reference itself, once per batch size

    printed = capsys.readouterr().out
    assert (tmp_path / 'run.md').read_text(encoding='utf-8') in printed
    assert (
        '| 1 | 2 | 39.34 G, 180.64 M |' in printed and '| 2 | 2 | – |' in printed
    )  # the paper's, where it has the row
    assert printed.count('| 3 |') == 16  # rounds


def test_cost_of_heads_and_layers(run, tmp_path):
    run('--dtypes', 'bf16', '--batch-sizes', '2', '--rounds', '1', '--minutes', '0')
    rows = {(row['heads'], row['layers']): row for row in csv.DictReader((tmp_path / 'run.csv').open())}
    for unit in ('rule_gmacs', 'rule_mparams', 'deployed_gmacs', 'deployed_mparams'):
        for layers in '12':
            assert rows['1', layers][unit] == rows['2', layers][unit]
        assert float(rows['1', '1'][unit]) < float(rows['1', '2'][unit]) < 2 * float(rows['1', '1'][unit])
    assert float(rows['1', '1']['rule_gmacs']) < float(rows['1', '1']['deployed_gmacs'])
    assert all(row['rounds'] == '1' for row in rows.values())  # the time was up after the first


def test_files_that_are_there_are_kept(run, tmp_path):
    (tmp_path / 'run.csv').write_text('mine')
    with pytest.raises(SystemExit, match='run.csv is there already: add --overwrite'):
        run()
    assert (tmp_path / 'run.csv').read_text() == 'mine'


@pytest.mark.parametrize(
    'options, message',
    [
        (('--heads', '3'), 'num_heads=3 does not divide the token width 16'),
        (('--heads', '0'), None),
    ],
)
def test_impossible_heads(run, options, message, capsys):
    with pytest.raises(SystemExit, match=message):
        run(*options)
    if message is None:
        assert "'0' is no number from 1 up" in capsys.readouterr().err

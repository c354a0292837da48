"""benchmarks/gpu.py on the CPU, with narrow models."""

import json
import sys
from argparse import Namespace
from importlib import import_module
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / 'benchmarks'


@pytest.fixture(scope='module')
def gpu():
    sys.path.insert(0, str(BENCHMARKS))  # as Python does; a benchmark imports others
    yield import_module('gpu')
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.parametrize(
    'part, rows',
    [('vit', ['fp32', 'fp16', 'bf16']), ('evaluator', ['sysu', 'regdb']), ('large', ['all']), ('overflow', ['fp16'])],
)
def test_a_part_on_the_cpu(gpu, tmp_path, part, rows):
    file = tmp_path / 'rows'
    gpu.measure(part, 'cpu', True, file)
    found = {name: row for line in file.read_text().splitlines() for name, row in json.loads(line).items()}
    assert list(found) == rows and gpu.faults({part: dict(rows=found)}) == []
    if part == 'overflow':
        assert found['fp16']['skipped'] > 0 and found['fp16']['grew']
        assert [step['moved'] for step in found['fp16']['steps']].index(True) == found['fp16']['skipped']
    if part == 'large':
        assert (found['all']['queries'], found['all']['gallery']) == (200, 1000)


def test_a_row_that_fails_leaves_the_others(gpu, tmp_path, monkeypatch):
    def fail():
        raise RuntimeError('CUDA out of memory')

    monkeypatch.setitem(gpu.PARTS, 'large', lambda *_: [('one', fail), ('two', lambda: dict(agrees=False))])
    gpu.measure('large', 'cpu', True, tmp_path / 'rows')
    rows = {
        name: row for line in (tmp_path / 'rows').read_text().splitlines() for name, row in json.loads(line).items()
    }
    assert gpu.faults(dict(large=dict(rows=rows))) == [
        'large, one: RuntimeError: CUDA out of memory',
        'large, two: does not agree',
    ]


PART = """
import os, sys, time
file = sys.argv[-1] if sys.argv[-1] != '--small' else sys.argv[-2]
part = sys.argv[sys.argv.index('--parts') + 1]
open(file, 'w').write('{"first": {}}' + chr(10))
if part == 'agw':
    os.abort()
if part == 'vit':
    time.sleep(60)
"""


def test_a_part_that_dies_or_hangs_leaves_its_rows(gpu, tmp_path, monkeypatch):
    script = tmp_path / 'part.py'
    script.write_text(PART)
    monkeypatch.setattr(gpu, '__file__', str(script))
    args = Namespace(device='cpu', small=True)
    parts = {
        name: gpu.run_part(name, args, seconds) for name, seconds in dict(agw=20, vit=2, large=20, compile=0).items()
    }
    assert [part['rows'] for part in parts.values()] == [*[{'first': {}}] * 3, {}]
    faults = gpu.faults(parts)
    assert faults[0].startswith('agw: exit code -6') and faults[1:] == [
        'vit: still at work after 2 s',
        'compile: no time was left',
    ]

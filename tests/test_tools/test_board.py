"""tools/analysis/board.py, in this process."""

import runpy
import sys
from pathlib import Path

import pytest

from haresreid.evaluation import FeatureSet, by_protocol, evaluate_rows, protocol_by_name, write_results

ROOT = Path(__file__).parents[2]


def test_a_board(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    images = FeatureSet([[1, 0], [1, 0]], [1, 1], [1, 2], [0, 1], ['v.jpg', 'i.jpg'])
    Path('runs/a').mkdir(parents=True)
    rows = by_protocol(evaluate_rows(images, [protocol_by_name('own/v2i')]))
    write_results('runs/a/metrics.json', rows, images)
    monkeypatch.setattr(sys, 'argv', ['board.py', 'runs'])
    runpy.run_path(str(ROOT / 'tools/analysis/board.py'), run_name='__main__')
    assert capsys.readouterr().out == 'Board: runs/board.html, 1 results\n'
    assert 'own/v2i' in Path('runs/board.html').read_text(encoding='utf-8')
    with pytest.raises(SystemExit, match='error: runs/board.html is there already'):
        runpy.run_path(str(ROOT / 'tools/analysis/board.py'), run_name='__main__')

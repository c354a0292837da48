import runpy
import sys
from pathlib import Path

import pytest

from haresreid.files.markdown import markdown_table
from haresreid.reproduce.zoo import lines_table, read_metafiles

TOOL = Path(__file__).parents[2] / 'tools/model_zoo.py'


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, 'argv', ['model_zoo.py', *map(str, arguments)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_lines_are_printed(monkeypatch, capsys):
    run(monkeypatch, 'lines')
    assert capsys.readouterr().out.strip() == markdown_table(lines_table(read_metafiles(), TOOL.parents[1]))


def test_a_folder_without_runs_is_refused_and_nothing_is_written(monkeypatch, tmp_path):
    before = [metafile.path.stat().st_mtime_ns for metafile in read_metafiles()]
    with pytest.raises(SystemExit, match='holds no finished run of a model of the zoo'):
        run(monkeypatch, 'results', tmp_path)
    assert [metafile.path.stat().st_mtime_ns for metafile in read_metafiles()] == before

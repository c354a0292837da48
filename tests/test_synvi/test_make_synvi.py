import runpy
import sys
from pathlib import Path

import cv2
import pytest

TOOL = Path(__file__).parents[2] / 'tools' / 'dataset' / 'make_synvi.py'


@pytest.fixture
def make_synvi(monkeypatch):
    """Run the tool with these arguments."""

    def run(*arguments):
        monkeypatch.setattr(sys, 'argv', [str(TOOL), *map(str, arguments)])
        runpy.run_path(str(TOOL), run_name='__main__')

    return run


def test_writes_the_set_and_its_sheet(make_synvi, tmp_path):
    make_synvi(tmp_path / 'synvi', '--num-ids', 1, 0, 1, '-n', 1, '--size', 48, 24)
    assert (tmp_path / 'synvi' / 'synvi.json').is_file()
    assert cv2.imread(str(tmp_path / 'synvi_sheet.png')).shape == (6 * 50 - 2, 12 * 26 - 2, 3)


def test_draws_a_sheet_alone(make_synvi, tmp_path):
    make_synvi(tmp_path / 'synvi', '--size', 48, 24, '--sheet', tmp_path / 'all.png', '--sheet-only', '--all-layouts')
    assert [path.name for path in tmp_path.iterdir()] == ['all.png']


def test_says_in_one_sentence_what_is_wrong(make_synvi, tmp_path):
    (tmp_path / 'note.txt').touch()
    with pytest.raises(SystemExit, match='error: .*not a SynVI set'):
        make_synvi(tmp_path, '--num-ids', 1, 0, 1)

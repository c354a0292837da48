"""tools/report.py, in this process, on a run that has only begun."""

import runpy
import sys
from pathlib import Path

import pytest

from haresreid.config.config import load_config
from haresreid.report import SECTIONS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def report(monkeypatch, capsys):
    """Runs the tool and gives its output."""

    def run_tool(*arguments):
        monkeypatch.setattr(sys, 'argv', ['report.py', *map(str, arguments)])
        runpy.run_path(str(ROOT / 'tools/report.py'), run_name='__main__')
        return capsys.readouterr().out

    return run_tool


@pytest.fixture
def run_dir(tmp_path):
    (tmp_path / 'run').mkdir()
    load_config(str(ROOT / 'configs/haresformer_synth.py')).dump(tmp_path / 'run/haresformer_synth.py')
    return tmp_path / 'run'


def test_progress_and_page(report, run_dir):
    lines = report(run_dir).splitlines()
    assert [line for line in lines if line[0] == '['] == [
        f'[{number}/{len(SECTIONS)}] {title}' for number, title in enumerate(SECTIONS, start=1)
    ]
    assert '  not shown: ' + f'{run_dir} holds no checkpoint (epoch_N.pth): give one with --checkpoint.' in lines
    assert lines[-1].startswith(f'Report: {run_dir}/report.html, ')
    page = (run_dir / 'report.html').read_text()
    assert '<title>Report of haresformer_synth</title>' in page and 'model.criterion.losses.hc_tri.weight' in page


def test_a_report_is_not_overwritten_unasked(report, run_dir, tmp_path, monkeypatch):
    monkeypatch.setattr('haresreid.report.SECTIONS', ['Overview'])  # one is enough here
    report(run_dir, '--out', tmp_path / 'a.html')
    written = (tmp_path / 'a.html').read_text()
    (tmp_path / 'a.html').write_text('of yesterday')
    with pytest.raises(SystemExit, match='error: .*a.html is there already: add --overwrite to replace it, or give'):
        report(run_dir, '--out', tmp_path / 'a.html')
    assert (tmp_path / 'a.html').read_text() == 'of yesterday' and not (run_dir / 'report.html').exists()
    report(run_dir, '--out', tmp_path / 'a.html', '--overwrite')
    assert (tmp_path / 'a.html').read_text()[:100] == written[:100]


def test_refusals(report, run_dir, tmp_path):
    with pytest.raises(SystemExit, match='error: .*nowhere is no folder; a run holds its resolved config'):
        report(tmp_path / 'nowhere')
    with pytest.raises(SystemExit, match='error: There is no folder .*missing to write a.html into: make it first'):
        report(run_dir, '--out', tmp_path / 'missing/a.html')
    with pytest.raises(SystemExit, match='error: There is no file epoch_1.pth'):
        report(run_dir, '--checkpoint', 'epoch_1.pth')


def test_code_in_the_folder_of_a_run_is_not_executed(report, run_dir, tmp_path):
    with open(run_dir / 'haresformer_synth.py', 'a', encoding='utf-8') as file:
        file.write(f"\nimport os\nos.mkdir('{tmp_path / 'executed'}')\n")
    output = report(run_dir)
    assert 'not shown: ' in output and 'no plain dump of a config' in output and not (tmp_path / 'executed').exists()
    assert 'Report: ' in output  # of what can be shown

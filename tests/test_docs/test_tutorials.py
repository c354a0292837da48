"""The tutorials' code blocks run, in order, in a folder that looks like the repository's root."""

import re
import runpy
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r'```(python|bash)\n(.*?)```', re.DOTALL)
FILE = re.compile(r'[Ss]ave it as `([\w/.]+)`')


def run_page(name: str) -> None:
    """Save the blocks that are files, and run the commands."""
    text = (ROOT / 'docs/en/tutorials' / name).read_text(encoding='utf-8')
    end = 0
    for block in BLOCK.finditer(text):
        language, code = block.groups()
        if language == 'python':
            files = FILE.findall(text[end : block.start()])  # since the block before
            if files:
                Path(files[-1]).write_text(code, encoding='utf-8')
            else:
                exec(compile(code, name, 'exec'), {'__name__': name})
        else:
            for line in code.replace('\\\n', ' ').splitlines():
                run_command(line.split())
        end = block.end()


def run_command(words: list[str]) -> None:
    """``python FILE ARGUMENTS`` in this process, which has imported everything already."""
    program, file, *arguments = words
    assert program == 'python', words
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr('sys.argv', [file, *arguments])
        runpy.run_path(file, run_name='__main__')


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    (tmp_path / 'tools').symlink_to(ROOT / 'tools')
    shutil.copytree(ROOT / 'configs', tmp_path / 'configs')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('HARESREID_TRACEBACK', '1')
    return tmp_path


def test_synvi(root):
    run_page('synvi.md')
    for file in ('ranked.png', 'features.npz', 'work_dirs/tutorial/report.html', 'work_dirs/tutorial/metrics.json'):
        assert (root / file).stat().st_size > 0


def test_own_data(root):
    run_page('own_data.md')
    first, second = (root / 'data/own/manifest.csv').read_text().splitlines()[:2]
    assert f'{first}\n{second}\n' in (ROOT / 'docs/en/tutorials/own_data.md').read_text()
    assert '"own/v2i"' in (root / 'work_dirs/own/metrics.json').read_text()


def test_deploy(root, capsys):
    run_page('deploy.md')
    assert (root / 'found.png').stat().st_size > 0
    assert ' 3 detections/cam1/' in capsys.readouterr().out

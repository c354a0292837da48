import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from haresreid.cli import work_dir
from haresreid.cli.work_dir import choose_work_dir, claim


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_run(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'epoch_1.pth').touch()


def test_default_is_named_after_the_config():
    assert str(choose_work_dir('configs/a.py', None, resume=False)) == 'work_dirs/a'
    assert str(choose_work_dir('configs/a.py', None, resume=True)) == 'work_dirs/a'


def test_a_second_run_gets_a_folder_of_its_own_and_resume_takes_the_newest(tmp_path):
    make_run(tmp_path / 'work_dirs/a')
    assert str(choose_work_dir('configs/a.py', None, resume=False)) == 'work_dirs/a-2'
    make_run(tmp_path / 'work_dirs/a-2')
    assert str(choose_work_dir('configs/a.py', None, resume=True)) == 'work_dirs/a-2'


def test_a_named_folder_with_checkpoints_is_not_written_over(tmp_path):
    make_run(tmp_path / 'mine')
    with pytest.raises(ValueError, match='mine holds checkpoints of an earlier run: add --resume'):
        choose_work_dir('configs/a.py', 'mine', resume=False)
    assert str(choose_work_dir('configs/a.py', 'mine', resume=True)) == 'mine'


def test_half_a_checkpoint_of_a_killed_run_is_none(tmp_path):
    (tmp_path / 'mine').mkdir()
    (tmp_path / 'mine' / '.0123456789abcdef.epoch_1.pth').touch()
    assert str(choose_work_dir('configs/a.py', 'mine', resume=False)) == 'mine'


@pytest.fixture
def another_training(monkeypatch):
    """Another process at work in ``work_dirs/a``; a lock taken anew conflicts with it in this process, too."""
    monkeypatch.setattr(work_dir, 'PATIENCE', 0)
    folder = Path('work_dirs/a')
    folder.mkdir(parents=True)
    with FileLock(folder / '.lock'):
        yield folder


def test_a_folder_in_which_another_training_is_at_work_is_left_alone(another_training):
    assert str(choose_work_dir('configs/a.py', None, resume=False)) == 'work_dirs/a-2'
    with pytest.raises(ValueError, match='another training is at work in work_dirs/a: wait for its end, or give'):
        claim(another_training)


def test_the_lock_ends_with_the_process_and_holds_within_it():
    code = (
        "from haresreid.cli.work_dir import choose_work_dir as f; print(f('a.py', None, False), f('a.py', None, False))"
    )
    for _ in range(2):
        run = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
        assert run.stdout.split() == ['work_dirs/a', 'work_dirs/a']

import pytest

from haresreid.cli.work_dir import choose_work_dir


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make_run(folder):
    folder.mkdir(parents=True)
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

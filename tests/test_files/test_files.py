import errno
import hashlib
import os
from contextlib import nullcontext
from pathlib import Path

import pytest

from haresreid.files.files import file_hash, make_folder, remove_leftovers, sync_folder, written_whole


def test_replaces_the_file_at_the_end(tmp_path):
    file = tmp_path / 'figures.json'
    file.write_text('before')
    with written_whole(str(file)) as part:
        part.write_text('after')
        assert part.suffix == '.json' and file.read_text() == 'before'
    assert file.read_text() == 'after' and list(tmp_path.iterdir()) == [file]


def test_a_failure_leaves_what_was_there(tmp_path):
    file = tmp_path / 'figures.json'
    file.write_text('before')
    with pytest.raises(RuntimeError), written_whole(file) as part:
        part.write_text('half')
        raise RuntimeError
    assert file.read_text() == 'before' and list(tmp_path.iterdir()) == [file]


def test_a_planted_link_is_not_followed(tmp_path, monkeypatch):
    """An attacker who knew the name could have any file of ours written over; and nobody can know it."""
    mine, file = tmp_path / 'mine', tmp_path / 'shared' / 'a.json'
    mine.write_text('before')
    file.parent.mkdir()
    names = set()
    for _ in range(2):
        with written_whole(file) as part:
            names.add(part.name)
    assert len(names) == 2 and not any(str(os.getpid()) in name.split('.') for name in names)
    monkeypatch.setattr('secrets.token_hex', lambda size: '0' * 2 * size)
    (file.parent / f'.{"0" * 16}.a.json').symlink_to(mine)
    with pytest.raises(FileExistsError), written_whole(file) as part:
        part.write_text('theirs')
    assert mine.read_text() == 'before'


@pytest.mark.skipif(os.name != 'posix', reason='permissions of POSIX')
@pytest.mark.parametrize('umask', [0o022, 0o077])
def test_permissions_are_those_of_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        with written_whole(tmp_path / 'a') as part:
            part.write_text('content')
    finally:
        os.umask(before)
    assert (tmp_path / 'a').stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(FileNotFoundError) as missing, written_whole(tmp_path / 'nowhere' / 'a.html'):
        pass
    assert missing.value.filename == str(tmp_path / 'nowhere' / 'a.html')
    with pytest.raises(OSError) as full, written_whole(tmp_path / 'a.html'):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert full.value.filename == str(tmp_path / 'a.html')


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path):
    class Killed(BaseException):
        """Instead of SIGKILL."""

    for name in ('epoch_1.pth', 'metrics.json'):
        with pytest.raises(Killed), pytest.MonkeyPatch.context() as patch, written_whole(tmp_path / name):
            patch.setattr(Path, 'unlink', lambda *args, **kwargs: None)
            raise Killed
    assert len(list(tmp_path.iterdir())) == 2
    for name in ('.123.epoch_2.pth', 'epoch_1.pth', '.hidden', '.12', 'a.1.pth', '.cafe.txt'):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path, 'metrics.json')
    assert len([file for file in tmp_path.iterdir() if file.name.endswith('epoch_1.pth')]) == 2
    assert not list(tmp_path.glob('*.json'))
    remove_leftovers(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {'epoch_1.pth', '.hidden', '.12', 'a.1.pth', '.cafe.txt'}
    remove_leftovers(tmp_path / 'nowhere')


def test_folders_are_made_with_those_above_them(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr('haresreid.files.files.sync_folder', synced.append)
    for _ in range(2):  # what is there already is left alone
        make_folder(tmp_path / 'a' / 'b')
    assert (tmp_path / 'a' / 'b').is_dir() and synced == [tmp_path / 'a', tmp_path]


@pytest.mark.parametrize('number, told', [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_folder_that_cannot_be_synced_is_no_error_and_a_broken_disk_is_one(tmp_path, monkeypatch, number, told):
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, 'fsync', fail)
    with pytest.raises(OSError) if told else nullcontext():
        sync_folder(tmp_path)


def test_hash(tmp_path):
    (tmp_path / 'file').write_bytes(b'abc')
    assert file_hash(tmp_path / 'file') == hashlib.sha256(b'abc').hexdigest()[:16] == 'ba7816bf8f01cfea'

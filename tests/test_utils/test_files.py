import hashlib
import os

import pytest

from haresreid.utils.files import file_hash, remove_leftovers, written_whole


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


def test_the_content_is_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(os, 'fsync', lambda descriptor: calls.append('folder' if os.path.samestat(
        os.fstat(descriptor), os.stat(tmp_path)) else 'content'))
    rename = os.replace
    monkeypatch.setattr(os, 'replace', lambda *paths: (calls.append('rename'), rename(*paths)))
    with written_whole(tmp_path / 'a.pth') as part:
        part.write_text('weights')
    assert calls == ['content', 'rename', 'folder']


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path):
    for name in ('.123.epoch_1.pth', '.4.metrics.json', 'epoch_1.pth', '.hidden', '.12', 'a.1.pth'):
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {'epoch_1.pth', '.hidden', '.12', 'a.1.pth'}
    remove_leftovers(tmp_path / 'nowhere')


def test_hash(tmp_path):
    (tmp_path / 'file').write_bytes(b'abc')
    assert file_hash(tmp_path / 'file') == hashlib.sha256(b'abc').hexdigest()[:16] == 'ba7816bf8f01cfea'

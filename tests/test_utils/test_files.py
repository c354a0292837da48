import hashlib

import pytest

from haresreid.utils.files import file_hash, written_whole


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


def test_hash(tmp_path):
    (tmp_path / 'file').write_bytes(b'abc')
    assert file_hash(tmp_path / 'file') == hashlib.sha256(b'abc').hexdigest()[:16] == 'ba7816bf8f01cfea'

import pytest

from haresreid.cli.outputs import require_writable


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'there.json').touch()
    (tmp_path / 'folder').mkdir()


def test_nothing_is_created_for_a_new_file():
    require_writable(['new.json', 'some/where/new.json'], overwrite=False)
    require_writable(['there.json'], overwrite=True)


@pytest.mark.parametrize(
    'file, overwrite, message',
    [
        ('there.json', False, r'^there\.json is there already: add --overwrite to replace it, or give another name'),
        (
            'there.json/new.json',
            True,
            r'^there\.json/new\.json cannot be written \(.*there\.json is a file, no folder\)',
        ),
        ('folder', True, r'^folder cannot be written \(is a folder\)'),
    ],
)
def test_what_would_fail_after_the_work(file, overwrite, message):
    with pytest.raises(ValueError, match=message):
        require_writable([file], overwrite)


def test_a_folder_that_may_not_be_written_to(monkeypatch):
    monkeypatch.setattr('os.access', lambda *_: False)
    with pytest.raises(
        ValueError, match=r'^folder/new\.json cannot be written \(nothing may be written to .*/folder\)'
    ):
        require_writable(['folder/new.json'], overwrite=False)

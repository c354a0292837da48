import os

import pytest

from haresreid.files.files import make_folder, remove_leftovers, written_whole

from .states import Writer, prove

OLD, NEW = b'old ' * 300, b'new! ' * 500


def prepare(folder):
    (folder / 'a.json').write_bytes(OLD)


def look(folder):
    return {OLD: 'old', NEW: 'new'}[(folder / 'a.json').read_bytes()]


def change(folder):
    remove_leftovers(folder)
    with written_whole(folder / 'a.json') as part:
        part.write_bytes(NEW)


def test_a_file_is_old_or_new(tmp_path, tell):
    tell('written_whole', prove(Writer(prepare, change, look), tmp_path))


def look_inside(folder):
    file = folder / 'a/b/a.json'
    return 'old' if not file.exists() else {NEW: 'new'}[file.read_bytes()]


def change_inside(folder):
    make_folder(folder / 'a/b')
    change(folder / 'a/b')


def test_a_file_in_a_new_folder_is_there_or_not(tmp_path, tell):
    tell('make_folder, written_whole', prove(Writer(lambda folder: None, change_inside, look_inside), tmp_path))


def in_place(folder):
    (folder / 'a.json').write_bytes(NEW)


def unsynced(folder):
    part = folder / 'part'
    part.write_bytes(NEW)
    os.replace(part, folder / 'a.json')


def name_unsynced(folder):
    part = folder / 'part'
    with open(part, 'wb') as file:
        file.write(NEW)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, folder / 'a.json')


def removed_first(folder):
    (folder / 'a.json').unlink(missing_ok=True)
    change(folder)


@pytest.mark.parametrize(
    'careless, told',
    [
        (in_place, 'neither'),
        (unsynced, 'neither'),
        (removed_first, 'neither'),
        (name_unsynced, 'lost although'),
    ],
)
def test_careless_writers_are_found(tmp_path, careless, told):
    with pytest.raises(AssertionError, match=told):
        prove(Writer(prepare, careless, look), tmp_path)

"""Readers shared by the folder layouts: image folders, id lists, index files and the errors they raise."""

import os
import os.path as osp
from collections.abc import Sequence

from haresreid.files.images import IMAGE_EXTENSIONS
from haresreid.files.numbers import whole_number
from haresreid.files.printable import shortened
from haresreid.files.text_files import read_text

__all__ = [
    'image_files',
    'in_reading_order',
    'meant_folder',
    'parse_index_line',
    'read_ids',
    'read_index',
    'require_layout',
    'require_shared_labels',
]


def require_layout(name: str, data_root: str, entries: Sequence[str]) -> None:
    """Raise ``FileNotFoundError`` unless ``data_root`` holds every one of ``entries``.

    The message says what the folder holds instead. If the user pointed one folder too high or too low, it names the
    right one.
    """
    expected = ', '.join(entries)
    if not osp.isdir(data_root):
        raise FileNotFoundError(
            f'{name}: data root {data_root!r} does not exist; it must be a folder that holds {expected}.'
        )
    missing = [entry for entry in entries if not osp.exists(osp.join(data_root, entry))]
    if not missing:
        return
    found = sorted(entry for entry in os.listdir(data_root) if not entry.startswith('.'))
    meant = meant_folder(data_root, entries)
    hint = f'did you mean {meant!r}?' if meant else f'the data root must hold {expected}.'
    shown = ', '.join(found[:8]) + (', ...' if len(found) > 8 else '') or 'nothing'
    raise FileNotFoundError(f'{name}: {data_root!r} lacks {", ".join(missing)} (it holds {shown}); {hint}')


def meant_folder(data_root: str, entries: Sequence[str]) -> str | None:
    """The parent or child of ``data_root`` that holds every one of ``entries``, or None.

    Users often point one folder too low or too high.
    """
    children = sorted(entry for entry in os.listdir(data_root) if not entry.startswith('.'))
    for folder in [osp.dirname(osp.abspath(data_root)), *(osp.join(data_root, child) for child in children)]:
        if all(osp.exists(osp.join(folder, entry)) for entry in entries):
            return folder
    return None


def image_files(folder: str) -> list[str]:
    """Sorted paths of the images in ``folder``; none if it does not exist.

    Files are chosen by extension: a stray ``Thumbs.db`` would otherwise shift every seeded gallery draw.
    """
    if not osp.isdir(folder):
        return []
    names = (name for name in os.listdir(folder) if not name.startswith('.'))
    return sorted(osp.join(folder, name) for name in names if name.lower().endswith(IMAGE_EXTENSIONS))


def read_ids(path: str) -> list[int]:
    """Identities of an id list: one line of comma-separated integers, e.g. ``6,10,17``."""
    if not osp.isfile(path):
        raise FileNotFoundError(f'The id list {path!r} does not exist; it belongs to the official release.')
    line = next(iter(read_text(path).splitlines()), '')  # only the first line counts, as for every known code
    try:
        return sorted({whole_number(word, what='identity') for word in line.split(',') if word.strip()})
    except ValueError as error:
        raise ValueError(f'{path!r}, line 1: expected comma-separated integers ({error}).') from None


def read_index(data_root: str, index_file: str) -> list[tuple[str, int, int]]:
    """(image path, pid, label) of every line ``relative/path label`` of an index file.

    The pid is the number of the image's folder: unlike the label, which counts from 0 in each list, it is unique over
    the whole data set.
    """
    path = osp.join(data_root, index_file)
    if not osp.isfile(path):
        raise FileNotFoundError(f'The index file {path!r} does not exist; it belongs to the official release.')
    entries = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            image, pid, label = parse_index_line(line)
        except ValueError as error:
            raise ValueError(f'{path!r}, line {number}: {error}') from None
        entries.append((osp.join(data_root, *image.split('/')), pid, label))
    missing = [image for image, _, _ in entries if not osp.isfile(image)]
    if missing:
        raise FileNotFoundError(
            f'{len(missing)} of {len(entries)} images listed in {path!r} do not exist, '
            f'the first is {missing[0]!r}; unpack the data set again or correct the list.'
        )
    return entries


def parse_index_line(line: str) -> tuple[str, int, int]:
    """(path below the data root, pid, label) of a line ``folder/<identity>/<image> <label>``; ``ValueError`` if not."""
    words = line.split()
    parts = words[0].replace('\\', '/').split('/') if words else []
    if len(words) != 2 or len(parts) < 2:
        raise ValueError(f'expected "folder/<identity>/<image> <label>", found {shortened(line.strip())}.')
    return '/'.join(parts), whole_number(parts[-2], what='identity'), whole_number(words[1], what='label')


def require_shared_labels(name: str, entries: Sequence[tuple[str, int, int]]) -> None:
    """Raise ``ValueError`` unless training labels count 0..C-1 and each stands for one identity in both modalities."""
    pid_of = {}
    for path, pid, label in entries:
        if pid_of.setdefault(label, pid) != pid:
            raise ValueError(
                f'{name}: label {label} stands for identity {pid_of[label]} and for identity {pid} (at '
                f'{path!r}); the visible and the infrared training list must give an identity one label.'
            )
    if sorted(pid_of) != list(range(len(pid_of))) or len(set(pid_of.values())) != len(pid_of):
        raise ValueError(
            f'{name}: the training lists have {len(pid_of)} labels up to {max(pid_of)} for '
            f'{len(set(pid_of.values()))} identities; labels must count 0..C-1, one per identity.'
        )


def in_reading_order(images: list[dict]) -> list[dict]:
    """Sort by identity, then camera, then file."""
    return sorted(images, key=lambda image: (image['pid'], image['camid'], image['img_path']))

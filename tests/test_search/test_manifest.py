"""Manifests that no writer wrote: one sentence, and nothing outside of the index is touched."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex
from haresreid.search.manifest import FORMAT, MANIFEST

MISSING = object()


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp('made') / 'index'
    GalleryIndex.create(folder, 2, 'ivf').append(np.eye(2), ['a', 'b'])
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / 'index'))


def entry(**changes) -> dict:
    return {'0': dict(dict(name='ivf_0_1.faiss', rows=2, bytes=100, sum=5), **changes)}


@pytest.mark.parametrize(
    'key, value, message',
    [
        *(
            (key, value, f'{key} is .*, and should be a whole number from')
            for key in ('dim', 'version', 'generation', 'rows', 'path_bytes', 'deleted', 'next_id')
            for value in (MISSING, None, -1, '5', 1.5, True, [1], 10**30)
        ),
        ('dim', 0, 'dim is 0'),
        ('dim', 3, 'vectors.f32 has 16 bytes where index.json counts on 24'),
        ('dim', 1, 'vectors.f32: 2 of the 2 vectors'),
        ('generation', '../../x', r'generation is "../../x"'),
        ('generation', 0, 'generation is 0'),
        ('generation', 7, 'g000007 is missing'),
        ('rows', 3, 'vectors.f32 has 16 bytes where index.json counts on 24'),
        ('rows', 1, r'rows.bin is not what was written|sums.u4 is not what was written'),
        ('rows', 2**40, 'counts on'),
        ('path_bytes', 1, r'rows.bin has rows that nobody has written'),
        ('deleted', 3, 'of 2 rows 3 are deleted'),
        ('kind', MISSING, 'kind is missing'),
        ('kind', '\x1b[2J', r'kind is "\\u001b\[2J", and should be exact or ivf or hnsw'),
        ('kind', 'x' * 1000, 'kind is "x{59}..., and'),
        ('kind', [], r'kind is \[\]'),
        ('info', MISSING, 'info is missing, and should be an object'),
        ('info', 'model', 'info is "model"'),
        ('columns', MISSING, 'columns is missing, and should be an object'),
        ('columns', {'track': 'int'}, "'track' cannot be the name of a column: take lower-case letters"),
        ('columns', {'../x': 'int'}, "'../x' cannot be the name"),
        ('columns', {'place': ['int']}, r"column place: .*'int'.* is no type, there are int, float, text"),
        ('columns', {'place': 'int'}, 'rows.bin has 80 bytes where index.json counts on 96'),
        ('structures', [], r'structures is \[\], and'),
        ('structures', {'0': 5}, 'structures.0 is 5, and'),
        ('structures', {'7': {}}, 'structures has "7", which is no modality'),
        ('structures', entry(name='../../x.faiss'), 'structures.0.name is "../../x.faiss"'),
        ('structures', entry(name=MISSING), 'structures.0.name is missing'),
        ('structures', entry(name='/etc/passwd'), 'structures.0.name is'),
        ('structures', entry(name='ivf_0_1.faiss\n'), 'structures.0.name is'),
        ('structures', entry(rows='2'), 'structures.0.rows is "2"'),
        ('structures', entry(sum=-1), 'structures.0.sum is -1'),
        ('crc32', MISSING, 'crc32 is missing'),
        ('crc32', {}, r'crc32.rows.bin is missing'),
        ('crc32', {'rows.bin': 2**32}, 'crc32.rows.bin is 4294967296'),
    ],
)
def test_a_wrong_entry_is_told(folder, key, value, message):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest[key] = value
    text = json.dumps(
        {
            key: {
                number: {name: part for name, part in entry.items() if part is not MISSING}
                if isinstance(entry, dict)
                else entry
                for number, entry in value.items()
            }
            if isinstance(value, dict)
            else value
            for key, value in manifest.items()
            if value is not MISSING
        }
    )
    (folder / MANIFEST).write_text(text)
    before = sorted(path for path in folder.parent.rglob('*'))
    with pytest.raises((ValueError, FileNotFoundError), match=message) as error:
        GalleryIndex(folder).query(np.eye(2)[0, :1] if key == 'dim' and value == 1 else [1, 0])
    assert '\n' not in str(error.value) and str(folder) in str(error.value)
    assert sorted(path for path in folder.parent.rglob('*')) == before


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'{}',
        b'[]',
        b'5',
        b'null',
        b'"format"',
        b'{"format": 4}',
        b'{"format": "2"}',
        b'\xff\xfe\xfd',
        b'{"format": 2',
        b'[' * 100_000,
        b'{"format": [2]}',
    ],
)
def test_what_is_no_manifest_is_told(folder, content):
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ValueError, match=f'index.json is not that of an index of format 1 to {FORMAT}'):
        GalleryIndex(folder)


def test_a_manifest_of_gigabytes_is_not_read(folder):
    os.truncate(folder / MANIFEST, 2**40)  # takes no space
    with pytest.raises(ValueError, match=r'index.json has 1,099,511,627,776 bytes, and no writer writes more'):
        GalleryIndex(folder)


@pytest.mark.parametrize(
    'key, change',
    [
        ('version', lambda index: index.append(np.eye(2), ['c', 'd'])),
        ('version', lambda index: index.delete(ids=[0])),
        ('generation', lambda index: index.compact()),
    ],
)
def test_a_largest_number_is_told_and_its_index_stays_readable(folder, key, change):
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest.update(dict(version=2**63) if key == 'version' else dict(generation=999_999))
    if key == 'generation':
        (folder / 'g000001').rename(folder / 'g999999')
    (folder / MANIFEST).write_text(json.dumps(manifest))
    index = GalleryIndex(folder)
    if key == 'generation':
        index.delete(ids=[0])  # else there is nothing to compact
    before = (folder / MANIFEST).read_bytes()
    with pytest.raises(ValueError, match=f'index.json: {key} is .*, and should be a whole number'):
        change(index)
    assert (folder / MANIFEST).read_bytes() == before and len(GalleryIndex(folder)) >= 1

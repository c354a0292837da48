"""Writers that are killed, readers meanwhile, and files that are damaged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.search import GalleryIndex
from haresreid.search.store import MANIFEST

# Runs in a process of its own, which imports nothing but the index, and forks the ones that are killed.
KILLS = Path(__file__).with_name('kills.py')


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='the writers are forked')
@pytest.mark.parametrize('mode', ['points', 'moments', 'readers'])
def test_kills(tmp_path, mode):
    result = subprocess.run([sys.executable, str(KILLS), str(tmp_path / 'index'), mode], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    index = GalleryIndex.create(tmp_path / 'index', 2)
    index.append(np.eye(2), ['a', 'b'])
    mine = tmp_path / 'index' / 'gallery_images'
    mine.mkdir()
    left = [tmp_path / 'index' / 'g000007', tmp_path / 'index' / f'.123.{MANIFEST}',
            tmp_path / 'index' / 'g000001' / 'ivf_0_3.faiss']
    left[0].mkdir()
    for path in left[1:]:
        path.touch()
    with open(tmp_path / 'index/g000001/vectors.f32', 'ab') as file:
        file.write(b'half a row')
    assert index.query([1, 0]).paths == [['a', 'b']]
    index.append(np.eye(2), ['c', 'd'])
    assert mine.is_dir() and not any(path.exists() for path in left)
    assert (tmp_path / 'index/g000001/vectors.f32').stat().st_size == 4 * 2 * 4
    assert index.query([0, 1]).paths == [['b', 'd', 'a', 'c']]


def test_a_killed_creation_may_be_repeated(tmp_path):
    GalleryIndex.create(tmp_path / 'index', 2)
    (tmp_path / 'index' / MANIFEST).unlink()
    assert len(GalleryIndex.create(tmp_path / 'index', 2)) == 0


def test_damage_is_told(tmp_path):
    GalleryIndex.create(tmp_path / 'index', 2).append(np.eye(2), ['a', 'b'])
    vectors, manifest = tmp_path / 'index/g000001/vectors.f32', tmp_path / 'index' / MANIFEST
    vectors.write_bytes(vectors.read_bytes()[:-1])
    with pytest.raises(ValueError, match='vectors.f32 has 15 bytes where index.json counts on 16: the index'):
        GalleryIndex(tmp_path / 'index')
    vectors.unlink()
    with pytest.raises(FileNotFoundError, match='vectors.f32'):
        GalleryIndex(tmp_path / 'index')
    for content in ('', '{}', json.dumps(dict(format=2))):
        manifest.write_text(content)
        with pytest.raises(ValueError, match='index.json is not that of an index of format 1'):
            GalleryIndex(tmp_path / 'index')

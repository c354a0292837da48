"""Which engine a URI names, and what is said where there is none."""

import importlib.util

import pytest

from haresreid.search import GalleryIndex, create_gallery, open_gallery
from haresreid.search.lance_gallery import LanceGallery


def test_a_folder_is_opened_by_the_engine_that_made_it(tmp_path):
    pytest.importorskip('lancedb')
    create_gallery(str(tmp_path / 'own'), 2)
    create_gallery(f'lancedb://{tmp_path / "lance"}', 2)
    assert type(open_gallery(str(tmp_path / 'own'))) is GalleryIndex
    assert type(open_gallery(str(tmp_path / 'lance'))) is LanceGallery
    with pytest.raises(FileNotFoundError, match='there is no gallery of LanceDB in .*own'):
        open_gallery(f'lancedb://{tmp_path / "own"}')


def test_what_names_no_engine():
    for uri, message in (
        ('ftp://somewhere/gallery', "no engine keeps 'ftp://somewhere/gallery': there are folders, s3://, gs://"),
        ('milvus://host/gallery', 'milvus://host/gallery is not of the form milvus://HOST:PORT/NAME'),
        ('milvus://host:19530/my-gallery', 'is not of the form milvus://HOST:PORT/NAME'),
    ):
        with pytest.raises(ValueError, match=message):
            open_gallery(uri)


@pytest.mark.parametrize('uri, package', [('lancedb://new', 'lancedb'), ('milvus://host:19530/new', 'pymilvus')])
def test_a_missing_package_is_told_with_its_extra(tmp_path, monkeypatch, uri, package):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ValueError, match=rf"the package '{package}', which is not installed: pip .*\[engines\]"):
        create_gallery(uri, 2)
    assert not list(tmp_path.iterdir())

"""Which engine a URI names, and what is said where there is none."""

import importlib.util
import subprocess
import sys

import pytest

from haresreid.search import GalleryIndex, create_gallery, open_gallery, structure
from haresreid.search.lance_gallery import LanceGallery

from .reference import DIM, Reference, check, make_rows


def test_a_folder_is_opened_by_the_engine_that_made_it(tmp_path):
    pytest.importorskip('lancedb')
    create_gallery(str(tmp_path / 'own'), 2)
    create_gallery(f'lancedb://{tmp_path / "lance"}', 2)
    assert type(open_gallery(str(tmp_path / 'own'))) is GalleryIndex
    assert type(open_gallery(str(tmp_path / 'lance'))) is LanceGallery
    with pytest.raises(FileNotFoundError, match='there is no gallery of LanceDB in .*own'):
        open_gallery(f'lancedb://{tmp_path / "own"}')


def test_a_manifest_that_a_power_cut_has_left_empty(tmp_path):
    pytest.importorskip('lancedb')
    create_gallery(f'lancedb://{tmp_path / "lance"}', 2)
    for manifest in (tmp_path / 'lance/gallery.lance/_versions').glob('*.manifest'):
        manifest.write_bytes(b'')
    with pytest.raises(ValueError, match='LanceDB cannot read the gallery in .*lance'):
        open_gallery(str(tmp_path / 'lance'))


def test_a_server_that_does_not_answer(monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError('Failed to resolve region')

    monkeypatch.setattr(pytest.importorskip('lancedb'), 'connect', refuse)
    with pytest.raises(ConnectionError, match="LanceDB cannot reach s3://nobody/gallery: 'Failed to resolve region'"):
        open_gallery('s3://nobody/gallery')
    pymilvus = pytest.importorskip('pymilvus')

    def stay_silent(*args, **kwargs):
        raise pymilvus.MilvusException(2, 'Fail connecting to server')

    monkeypatch.setattr(pymilvus, 'MilvusClient', stay_silent)
    with pytest.raises(ConnectionError, match='Milvus cannot be reached at http://localhost:1: .*Fail connecting'):
        open_gallery('milvus://localhost:1/gallery')


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


@pytest.mark.parametrize('kind', ['ivf', 'hnsw'])
def test_lancedb_searches_an_index_and_what_is_not_in_it_yet(tmp_path, monkeypatch, kind):
    pytest.importorskip('lancedb')
    monkeypatch.setattr(structure, 'EXACT_ROWS', 300)
    gallery, reference = create_gallery(f'lancedb://{tmp_path / "lance"}', DIM, kind), Reference()
    for seed, number in enumerate((400, 20)):
        rows = make_rows(number, seed)
        reference.append(gallery.append(**rows), **rows)
    assert gallery.stats()['rows_in_structures'] == 400
    assert check(gallery, reference, rows['features'][:3], 10, exact=False) >= 0.8
    assert check(gallery, reference, rows['features'][:3], 10, exact=False, cameras=[1, 2]) >= 0.8


def test_a_query_needs_neither_torch_nor_scipy():
    code = 'import sys, haresreid.cli.search.query as _; print({"torch", "scipy", "mmengine"} & set(sys.modules))'
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.stdout == 'set()\n', done.stderr

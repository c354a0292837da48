"""Galleries by their URI, which says what engine keeps them."""

from collections.abc import Mapping
from pathlib import Path

from haresreid.files.paths import expand_home
from haresreid.files.printable import shortened

from .gallery import Gallery
from .gallery_index import GalleryIndex
from .lance_gallery import LanceGallery
from .manifest import MANIFEST
from .milvus_gallery import MilvusGallery

__all__ = ['check_free', 'copy_gallery', 'create_gallery', 'is_gallery', 'open_gallery']

LANCE, MILVUS, REMOTE = 'lancedb://', 'milvus://', ('s3://', 'gs://')


def open_gallery(uri: str) -> Gallery:
    """Open a gallery.

    Args:
        uri (str): A folder; ``s3://bucket/folder`` or ``gs://bucket/folder``, or ``lancedb://FOLDER`` for a folder of
            this machine, which LanceDB keeps; or ``milvus://HOST:PORT/NAME``.

    Raises:
        ConnectionError: If the store or the server does not answer.
        FileNotFoundError: If there is none.
        ValueError: If it is damaged, of a format that this release does not read, or its engine is not installed.
    """
    engine, place = _engine(uri)
    if engine is GalleryIndex and LanceGallery.is_in(expand_home(place)):
        engine = LanceGallery
    return engine(place)


def is_gallery(uri: str) -> bool:
    """Whether a URI is of an engine, or a folder holds a gallery."""
    return '://' in uri or Path(expand_home(uri), MANIFEST).is_file() or LanceGallery.is_in(expand_home(uri))


def create_gallery(
    uri: str, dim: int, kind: str = 'exact', info: dict | None = None, columns: Mapping[str, str] | None = None
) -> Gallery:
    """Make an empty gallery.

    Args:
        uri (str): See :func:`open_gallery`; nothing may be there yet.
        dim (int): D, the length of the vectors.
        kind (str): 'exact'; 'ivf', which is fast to build; or 'hnsw', which is faster to search. Defaults to 'exact'.
        info (dict, optional): JSON values to store with it, e.g. the model of the features. Defaults to None.
        columns (Mapping[str, str], optional): Columns of its own beside camera, time, modality and track, and the type
            of each: 'int', 'float' or 'text'. Defaults to None, none.

    Raises:
        ValueError: If something is there, or an argument is invalid.
    """
    engine, place = _engine(uri)
    return engine.create(place, dim, kind, info, columns)


def check_free(uri: str) -> None:
    """Refuse a URI at which no gallery can be made.

    Raises:
        ValueError: If something is there.
    """
    engine, place = _engine(uri)
    engine.check_free(place)


def copy_gallery(
    source: str, target: str, kind: str | None = None, columns: Mapping[str, str] | None = None
) -> Gallery:
    """Copy a gallery with all its rows and their ids: to another place, or to another engine.

    Args:
        source (str): URI of the gallery to copy; it may be of an earlier release.
        target (str): URI of the new one. What a killed call has left there must be removed before another one.
        kind (str, optional): The kind of the new one. Defaults to None, that of the source.
        columns (Mapping[str, str], optional): Columns that the new one has as well, empty. Defaults to None.

    Raises:
        ValueError: If something is at the target.
    """
    old = open_gallery(source)
    new = create_gallery(target, old.dim, kind or old.kind, old.info, {**(columns or {}), **old.columns})
    for block in old.blocks():
        rows = {name: values.tolist() for name, values in block.columns.items()}
        new.append(
            block.features,
            block.paths,
            rows['camera'],
            rows['time'],
            rows['modality'],
            rows['id'],
            tracks=rows['track'],
            columns={name: rows[name] for name in old.columns},
        )
    return new


def _engine(uri: str) -> tuple[type[GalleryIndex] | type[LanceGallery] | type[MilvusGallery], str]:
    """The engine of a new gallery, and what it calls the place."""
    uri = str(uri)
    if uri.startswith(LANCE):
        return LanceGallery, uri.removeprefix(LANCE)
    if uri.startswith(MILVUS):
        return MilvusGallery, uri.removeprefix(MILVUS)
    if uri.startswith(REMOTE):
        return LanceGallery, uri
    if '://' in uri:
        raise ValueError(f'no engine keeps {shortened(uri)}: there are folders, s3://, gs://, lancedb:// and milvus://')
    return GalleryIndex, uri

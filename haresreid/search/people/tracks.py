"""The tracks of a gallery."""

from dataclasses import dataclass

import numpy as np

from haresreid.search.columns import Columns
from haresreid.search.gallery import Gallery

__all__ = ['Tracks', 'gallery_tracks']


@dataclass
class Tracks:
    """T tracks, made of N rows.

    Attributes:
        features (np.ndarray): (T, D) float32 of unit length, the mean of a track's rows.
        cameras (np.ndarray): (T,) -1 where unknown.
        modalities (np.ndarray): (T,) 0 visible, 1 infrared, -1 unknown.
        first (np.ndarray): (T,) POSIX seconds of its beginning, NaN where unknown.
        last (np.ndarray): (T,) of its end.
        numbers (np.ndarray): (T,) the smallest id of its rows.
        crops (list[str]): The path of the row that is most similar to the mean.
        ids (np.ndarray): (N,) of the rows.
        track_of (np.ndarray): (N,) the track of each row.
        people (np.ndarray): (N,) the person that the gallery has for each row, -1 where unknown.
    """

    features: np.ndarray
    cameras: np.ndarray
    modalities: np.ndarray
    first: np.ndarray
    last: np.ndarray
    numbers: np.ndarray
    crops: list[str]
    ids: np.ndarray
    track_of: np.ndarray
    people: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


def gallery_tracks(gallery: Gallery) -> Tracks:
    """Read the tracks of a gallery.

    A row whose beginning is known is a track, as ``add`` makes one of each track of a video. Other rows of one camera
    and track number are one, and a row without a track number is one by itself.

    Args:
        gallery (Gallery): With a column ``person``.

    Raises:
        ValueError: If it lacks the column, an id is negative, or a track is of two modalities.
    """
    if gallery.columns.get('person') != 'int':
        raise ValueError(
            'the gallery has no column for the person: haresreid search copy makes one of it that has, with the same '
            'ids'
        )
    blocks = list(gallery.blocks())
    if not blocks:
        raise ValueError('the gallery is empty, so there is nobody in it')
    features = np.concatenate([block.features for block in blocks])  # (N, D)
    rows = {name: np.concatenate([block.columns[name] for block in blocks]) for name in blocks[0].columns}
    paths = [path for block in blocks for path in block.paths]
    if rows['id'].min() < 0:
        raise ValueError(f'the gallery has the id {rows["id"].min()}: people are numbered by ids from 0 on')
    whole = _known(rows, 'first_seen', rows['time'])
    until = _known(rows, 'last_seen', rows['time'])
    track_of = _tracks_of(rows)  # (N,)
    number = track_of.max() + 1
    means = np.zeros((number, features.shape[1]), dtype=np.float32)
    np.add.at(means, track_of, features)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    # the last row that is written to a track is the most similar one
    best = np.zeros(number, dtype=np.int64)
    order = np.argsort(np.einsum('nd,nd->n', features, means[track_of]), kind='stable')
    best[track_of[order]] = order
    modalities = rows['modality'][best]
    mixed = np.flatnonzero(rows['modality'] != modalities[track_of])
    if len(mixed):
        row = mixed[0]
        raise ValueError(
            f'the track {rows["track"][row]} of camera {rows["camera"][row]} has images of two modalities: of one '
            'camera and track number, all show one walk'
        )
    return Tracks(
        means,
        rows['camera'][best],
        modalities,
        _least(np.minimum, track_of, whole, number),
        _least(np.maximum, track_of, until, number),
        _least(np.minimum, track_of, rows['id'], number),
        [paths[row] for row in best],
        rows['id'],
        track_of,
        rows['person'],
    )


def _known(rows: Columns, name: str, otherwise: np.ndarray) -> np.ndarray:
    values = rows.get(name, otherwise)
    return np.where(np.isnan(values), otherwise, values)


def _tracks_of(rows: Columns) -> np.ndarray:
    """(N,) numbers of tracks, in the order of their first rows."""
    count = len(rows['id'])
    alone = (rows['track'] < 0) | ~np.isnan(rows.get('first_seen', np.full(count, np.nan)))
    keys = np.stack([np.where(alone, np.arange(count), -1), rows['camera'], rows['track']], axis=1)
    _, first, track_of = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[track_of.ravel()]


def _least(choose: np.ufunc, track_of: np.ndarray, values: np.ndarray, number: int) -> np.ndarray:
    """(T,) the least or greatest value of each track's rows; NaN if one is."""
    order = np.argsort(track_of, kind='stable')
    return choose.reduceat(values[order], np.searchsorted(track_of[order], np.arange(number)))

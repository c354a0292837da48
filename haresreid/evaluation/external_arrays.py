"""The arrays in a file that other code wrote, found by the names that published scripts use."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from haresreid.catalogue import PROTOCOL_NAMES, default_protocols, layout_of
from haresreid.files.array_files import ArrayFile
from haresreid.files.label_arrays import whole_numbers
from haresreid.files.mat_files import load_mat
from haresreid.files.paths import expand_home

from .protocols import CrossModalProtocol

__all__ = ['ExternalArrays', 'read_info', 'recorded_protocols']

# The name of an array here, and its names in published scripts.
ALIASES = {
    # all test images together; the first names are those of haresreid test --dump
    'features': ('feats', 'feat'),
    'pids': ('labels', 'label', 'ids'),
    'camids': ('cams', 'cam_ids'),
    'modalities': ('modality',),
    'img_paths': ('paths', 'img_path'),
    'queries': (),  # 1 where the data set lists an image as query: BUPTCampus
    # query and gallery separately: layumi's pytorch_result.mat | torchreid and TransReID | the AGW family
    'query_f': ('qf', 'query_feat'),
    'query_label': ('q_pids', 'query_pids'),
    'query_cam': ('q_camids', 'query_camids'),
    'gallery_f': ('gf', 'gall_feat'),
    'gallery_label': ('g_pids', 'gallery_pids', 'gall_label'),
    'gallery_cam': ('g_camids', 'gallery_camids', 'gall_cam'),
    # (Q, G), smaller is closer; replaces query_f and gallery_f
    'distmat': (),
}
LAYOUTS = (
    ('features', 'pids'),
    ('query_f', 'query_label', 'gallery_f', 'gallery_label'),
    ('distmat', 'query_label', 'gallery_label'),
)
NEEDED = (
    'features, pids, camids, modalities for all test images together; query_f, query_label, query_cam, '
    'gallery_f, gallery_label, gallery_cam for query and gallery apart; or distmat in the place of the features'
)
DATASETS_WITH_CAMERA_RULE = ('sysu', 'llcm', 'vcm')


class ExternalArrays:
    """The arrays of one file by their names here; every error names the array and the file."""

    def __init__(self, path: Path, names: Mapping[str, str]):
        self.path, self.content, self.notes = path, _open(path), []
        self.names = self._resolve(names)
        complete = [layout for layout in LAYOUTS if set(layout) <= set(self.names)]
        if not complete:
            held = ', '.join(sorted(self.content)) or 'nothing'
            raise ValueError(
                f'{path} holds {held}; needed are {NEEDED}. Arrays of other names: --names query_f=NAME ...'
            )
        if len(complete) > 1:
            both = ' and '.join(self.names[layout[0]] for layout in complete)
            raise ValueError(
                f'{path} holds both {both}: keep those to be evaluated, and save the others in a file of their own.'
            )
        (self.layout,) = complete

    def _resolve(self, names: Mapping[str, str]) -> dict[str, str]:
        unknown = sorted(set(names) - set(ALIASES))
        if unknown:
            raise ValueError(
                f'--names maps {", ".join(unknown)}, which no file needs; the names are {", ".join(ALIASES)}.'
            )
        resolved = {}
        for ours, aliases in ALIASES.items():
            candidates = [names[ours]] if ours in names else [name for name in (ours, *aliases) if name in self.content]
            if len(candidates) > 1:
                raise ValueError(
                    f'{self.path} holds {" and ".join(candidates)}, either of which could be {ours}: say '
                    f'which, --names {ours}={candidates[0]}.'
                )
            if candidates and candidates[0] not in self.content:
                raise ValueError(f'{self.path} has no array {candidates[0]!r}, only {", ".join(sorted(self.content))}.')
            if candidates:
                resolved[ours] = candidates[0]
        return resolved

    @property
    def together(self) -> bool:
        """Whether the file holds all test images together instead of query and gallery separately."""
        return self.layout == LAYOUTS[0]

    def __contains__(self, ours: str) -> bool:
        return ours in self.names

    def __getitem__(self, ours: str) -> np.ndarray:
        return np.asarray(self.content[self.names[ours]])

    def error(self, ours: str, fault: str) -> ValueError:
        return ValueError(f'{self.path}: {self.names[ours]} {fault}.')

    def info(self) -> dict:
        """The info of a dump; otherwise where the features come from and what had to be assumed about them."""
        return read_info(self.path) or dict(file=self.path.name, notes=self.notes)

    def labels(self, ours: str, length: int | None = None) -> np.ndarray:
        """Whole numbers as (N,) int64, however MATLAB shaped them."""
        return whole_numbers(self._list(ours, length), f'{self.path}: {self.names[ours]}')

    def _list(self, ours: str, length: int | None) -> np.ndarray:
        array = self[ours]
        if not array.size:
            raise self.error(ours, 'is empty')
        if array.dtype.kind not in 'iuf' or array.size != max(array.shape, default=0):
            raise self.error(ours, f'must be a list of numbers, not {array.dtype} of shape {array.shape}')
        if length not in (None, array.size):
            raise self.error(ours, f'has {array.size} entries, but there are {length} images')
        return array.ravel()

    def matrix(self, ours: str) -> np.ndarray:
        """A two-dimensional array of finite numbers."""
        array = self[ours]
        if array.dtype.kind not in 'iuf' or array.ndim != 2 or not array.size:
            raise self.error(ours, f'must be a matrix of numbers, not {array.dtype} of shape {array.shape}')
        bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
        if len(bad):
            raise self.error(ours, f'is not finite in {len(bad)} of {len(array)} rows, the first is row {bad[0]}')
        return array

    def features(self, ours: str, length: int) -> np.ndarray:
        """One row per image: (length, D)."""
        array = self.matrix(ours)
        rows, columns = array.shape
        if rows == columns == length:
            raise self.error(
                ours,
                f'is {rows} x {columns} for {length} images, so rows and columns cannot be told '
                'apart; append a column of zeros, which changes no angle',
            )
        if columns == length:
            self.notes.append(f'{self.names[ours]} is {rows} x {columns} for {length} images and was transposed.')
            return array.T
        if rows != length:
            raise self.error(ours, f'is {rows} x {columns}, but there are labels for {length} images')
        return array

    def paths(self, ours: str) -> list[str]:
        # A MATLAB cell holds one array per string, a MATLAB char matrix pads with blanks.
        return [str(np.squeeze(entry)).rstrip() for entry in self[ours].ravel()]

    def cameras(self, ours: str, length: int, protocols: Iterable[CrossModalProtocol]) -> np.ndarray:
        """(length,) camera numbers. An unknown camera, NaN in the file, is -1 if no protocol has a camera rule."""
        cameras = self._list(ours, length) if ours in self else np.full(length, np.nan)
        unknown = np.isnan(cameras)
        for protocol in protocols:
            if unknown.any() and protocol.dataset in DATASETS_WITH_CAMERA_RULE:
                fault = (
                    f'row {np.flatnonzero(unknown)[0]} of {self.names[ours]} is NaN'
                    if ours in self
                    else f'holds no {ours}'
                )
                raise ValueError(f'{self.path}: {fault}, and {protocol.name} has a rule about cameras.')
        known = np.where(unknown, -1, cameras) if unknown.any() else cameras
        return whole_numbers(known, f'{self.path}: {self.names.get(ours)}')


def read_info(path: str | Path) -> dict:
    """``FeatureSet.info`` of a dump, which says where its features come from; empty for any other file."""
    content = _open(Path(expand_home(path)))
    try:
        return dict(json.loads(str(content['info'])))
    except (KeyError, RecursionError, TypeError, ValueError):  # an unrelated array of that name
        return {}


def _open(path: Path) -> Mapping[str, np.ndarray]:
    try:
        if path.suffix != '.mat' or not path.is_file():
            return ArrayFile(path)
        return load_mat(path)
    except NotImplementedError:
        raise ValueError(
            f'{path} is a MATLAB v7.3 (HDF5) file; save it with save(..., "-v7"), or with scipy.io.savemat.'
        ) from None
    except ValueError as error:
        raise ValueError(
            f'{path} is neither an .npz file of plain arrays (numpy.savez) nor a readable .mat file.'
        ) from error


def recorded_protocols(path: str | Path) -> tuple[str, ...]:
    """The protocols of the data set that a dump records.

    Raises:
        ValueError: If it records none.
    """
    layout = layout_of(read_info(path).get('dataset', {}))
    if layout is None:
        raise ValueError(
            f'{path} does not record its data set: name the protocols, e.g. --protocols sysu/all; there '
            f'are {", ".join(PROTOCOL_NAMES)}.'
        )
    return default_protocols(layout)

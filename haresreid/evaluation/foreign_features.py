"""Features and distances that other code computed, read from ``.npz`` and MATLAB files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from haresreid.catalogue import CATALOGUE
from haresreid.files.array_files import ArrayFile
from haresreid.files.label_arrays import whole_numbers
from haresreid.files.mat_files import load_mat
from haresreid.files.paths import expand_home
from haresreid.structures import Modality

from .evaluate import BlockDistances, ProtocolResult, evaluate_trials
from .feature_set import FeatureSet
from .functional import l2_normalize
from .given_gallery import GivenGallery
from .protocols import CrossModalProtocol

__all__ = ['ForeignFeatures', 'load_foreign_features']

# What an array is called here, and what published scripts call it.
ALIASES = {
    # all test images together; the first names are those of haresreid test --dump
    'features': ('feats', 'feat'),
    'pids': ('labels', 'label', 'ids'),
    'camids': ('cams', 'cam_ids'),
    'modalities': ('modality',),
    'img_paths': ('paths', 'img_path'),
    # query and gallery apart: layumi's pytorch_result.mat | torchreid and TransReID | the AGW family
    'query_f': ('qf', 'query_feat'),
    'query_label': ('q_pids', 'query_pids'),
    'query_cam': ('q_camids', 'query_camids'),
    'gallery_f': ('gf', 'gall_feat'),
    'gallery_label': ('g_pids', 'gallery_pids', 'gall_label'),
    'gallery_cam': ('g_camids', 'gallery_camids', 'gall_cam'),
    # (Q, G), smaller is closer; in the place of query_f and gallery_f
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
SYSU_CAMERAS = CATALOGUE['sysu'].cameras
DATASETS_WITH_CAMERA_RULE = ('sysu', 'llcm')


@dataclass
class ForeignFeatures:
    """What a file gives to evaluate.

    Attributes:
        feature_set (FeatureSet): All images; beside ``distances`` its features have width 0. Its ``info`` is that of a
            dump, or has ``file`` and ``notes``: what was assumed or changed, in sentences.
        protocols (list[CrossModalProtocol]): As asked for, or each as a :class:`GivenGallery`.
        distances (np.ndarray, optional): (Q, G), when the file holds them in the place of features.
    """

    feature_set: FeatureSet
    protocols: list[CrossModalProtocol]
    distances: np.ndarray | None = None

    @property
    def notes(self) -> list[str]:
        """What was assumed or changed."""
        return self.feature_set.info.get('notes', [])

    def evaluate_distances(self, protocol: GivenGallery) -> ProtocolResult:
        """Evaluate the given distances, where ``evaluate`` would compute them from features."""
        first = len(self.distances)  # of the gallery, behind the queries

        def given(query: np.ndarray, gallery: np.ndarray) -> BlockDistances:
            return lambda rows: self.distances[np.ix_(query[rows], gallery - first)]

        return evaluate_trials(self.feature_set, protocol, given)


def load_foreign_features(
    path: str | Path, protocols: Sequence[CrossModalProtocol], names: Mapping[str, str] | None = None
) -> ForeignFeatures:
    """Read features, or distances, with their labels.

    The file holds either all test images together, from which the protocols draw, or query and gallery apart, as most
    published scripts have them; those are evaluated as they stand. Arrays are found by the names in ``ALIASES``.

    Args:
        path (str | Path): An ``.npz`` file without pickled objects, or a ``.mat`` file (saved with ``-v7`` at most).
        protocols (Sequence[CrossModalProtocol]): What to evaluate; they say which role is infrared and whether cameras
            are needed.
        names (Mapping[str, str], optional): Name here -> name in the file, for arrays called otherwise.

    Returns:
        ForeignFeatures: Ready for ``evaluate``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If arrays are missing or do not fit together.

    Examples:
        >>> foreign = load_foreign_features('pytorch_result.mat', [protocol_by_name('regdb/v2i')])  # doctest: +SKIP
        >>> result = evaluate(foreign.feature_set, foreign.protocols[0])  # doctest: +SKIP
    """
    arrays = _Arrays(Path(expand_home(path)), names or {})
    return _read_together(arrays, protocols) if arrays.layout == LAYOUTS[0] else _read_apart(arrays, protocols)


def read_info(path: str | Path) -> dict:
    """Where a file says that its features come from: ``FeatureSet.info`` of a dump, empty for any other file."""
    content = _open(Path(expand_home(path)))
    try:
        return dict(json.loads(str(content['info'])))
    except (KeyError, RecursionError, TypeError, ValueError):  # somebody else's array of that name
        return {}


class _Arrays:
    """The arrays of one file by their names here; every complaint says which array of which file."""

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

    def __contains__(self, ours: str) -> bool:
        return ours in self.names

    def __getitem__(self, ours: str) -> np.ndarray:
        return np.asarray(self.content[self.names[ours]])

    def error(self, ours: str, fault: str) -> ValueError:
        return ValueError(f'{self.path}: {self.names[ours]} {fault}.')

    def info(self) -> dict:
        """That of a dump, or where the features come from and what had to be assumed about them."""
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
        """Finite numbers in two dimensions."""
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
        """(length,) camera numbers; -1 where nobody knows, NaN in the file, and no protocol asks."""
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


def _read_together(arrays: _Arrays, protocols: Sequence[CrossModalProtocol]) -> ForeignFeatures:
    pids = arrays.labels('pids')
    camids = arrays.cameras('camids', len(pids), protocols)
    modalities = _modalities(arrays, camids, protocols)
    if 'img_paths' in arrays:
        img_paths = arrays.paths('img_paths')
    else:
        img_paths = [f'row {index:06d}' for index in range(len(pids))]
        if any(len(protocol.trials) > 1 for protocol in protocols):
            arrays.notes.append(
                "Without img_paths, galleries are drawn from each identity's images in a camera in the "
                "file's order; with them, in the order of the paths, as the field draws."
            )
    features = _unit_length(arrays.features('features', len(pids)), arrays.notes)
    return ForeignFeatures(FeatureSet(features, pids, camids, modalities, img_paths, arrays.info()), list(protocols))


def _modalities(arrays: _Arrays, camids: np.ndarray, protocols: Sequence[CrossModalProtocol]) -> np.ndarray:
    """(N,) from the file, or from SYSU-MM01's cameras."""
    sysu = any(protocol.dataset == 'sysu' for protocol in protocols)
    infrared = np.isin(camids, SYSU_CAMERAS['infrared'])
    if sysu and not np.isin(camids, range(1, 7)).all():
        raise arrays.error('camids', f'holds cameras {_listed(camids)}, but SYSU-MM01 numbers its cameras 1 to 6')
    if 'modalities' not in arrays:
        if not sysu:
            raise ValueError(
                f'{arrays.path} holds no modalities (0 visible, 1 infrared), which tell query from gallery.'
            )
        arrays.notes.append("Without modalities, cameras 3 and 6 are infrared, as SYSU-MM01's are.")
        return infrared.astype(np.int64)
    modalities = arrays.labels('modalities', len(camids))
    if set(np.unique(modalities)) == {1, 2}:
        arrays.notes.append('modalities 1 and 2 are read as visible and infrared, as in the AGW family.')
        modalities = modalities - 1
    if not np.isin(modalities, list(Modality)).all():
        raise arrays.error('modalities', f'holds {_listed(modalities)} instead of 0 (visible) and 1 (infrared)')
    if sysu and not np.array_equal(modalities == Modality.INFRARED, infrared):
        raise arrays.error('modalities', "contradicts camids: SYSU-MM01's infrared cameras are 3 and 6")
    return modalities


def _read_apart(arrays: _Arrays, protocols: Sequence[CrossModalProtocol]) -> ForeignFeatures:
    query_pids, gallery_pids = arrays.labels('query_label'), arrays.labels('gallery_label')
    num_query, num_gallery = len(query_pids), len(gallery_pids)
    query_camids = arrays.cameras('query_cam', num_query, protocols)
    gallery_camids = arrays.cameras('gallery_cam', num_gallery, protocols)
    query_modality, gallery_modality = _role_modalities(arrays, protocols)
    if any(protocol.dataset == 'sysu' for protocol in protocols):
        _check_sysu_roles(arrays, query_camids, gallery_camids)

    distances = None
    if 'distmat' in arrays:
        distances = _distances(arrays, query_pids, gallery_pids)
        features = np.empty((num_query + num_gallery, 0), dtype=np.float32)
    else:
        query_features = arrays.features('query_f', num_query)
        gallery_features = arrays.features('gallery_f', num_gallery)
        if query_features.shape[1] != gallery_features.shape[1]:
            raise arrays.error(
                'gallery_f',
                f'has features of width {gallery_features.shape[1]}, but '
                f'{arrays.names["query_f"]} of width {query_features.shape[1]}',
            )
        features = _unit_length(np.concatenate([query_features, gallery_features]), arrays.notes)
    feature_set = FeatureSet(
        features,
        np.concatenate([query_pids, gallery_pids]),
        np.concatenate([query_camids, gallery_camids]),
        np.repeat([query_modality, gallery_modality], [num_query, num_gallery]),
        [f'query {index:06d}' for index in range(num_query)] + [f'gallery {index:06d}' for index in range(num_gallery)],
        arrays.info(),
    )
    query, gallery = np.split(np.arange(len(feature_set)), [num_query])
    for protocol in protocols:
        drawn = [len(indices) for indices in protocol.draw(feature_set, protocol.trials[0])]
        if drawn != [num_query, num_gallery]:
            arrays.notes.append(
                f'{protocol.name} would never have these {num_query} queries and {num_gallery} gallery '
                f'images: it would take {drawn[0]} and {drawn[1]} of them. They stay as given.'
            )
    return ForeignFeatures(feature_set, [GivenGallery(protocol, query, gallery) for protocol in protocols], distances)


def _role_modalities(arrays: _Arrays, protocols: Sequence[CrossModalProtocol]) -> tuple[Modality, Modality]:
    """The modalities of the queries and of the gallery, on which all protocols must agree."""
    roles = set()
    for protocol in protocols:
        if protocol.name.endswith('-official'):
            raise ValueError(
                f'{arrays.path} gives its gallery, so there is nothing to draw: name '
                f'{protocol.name.removesuffix("-official")} instead of {protocol.name}.'
            )
        modalities = protocol.query_modality, protocol.gallery_modality
        # LLCM's legacy rule evaluates the gallery's modality as queries
        roles.add(modalities[::-1] if getattr(protocol, 'legacy_swap', False) else modalities)
    if len(roles) > 1:
        raise ValueError(
            f'{arrays.path} gives query and gallery, so it has one direction, but the protocols '
            f'{", ".join(protocol.name for protocol in protocols)} have two.'
        )
    return roles.pop()


def _check_sysu_roles(arrays: _Arrays, query_camids: np.ndarray, gallery_camids: np.ndarray) -> None:
    for ours, camids, cameras in (
        ('query_cam', query_camids, SYSU_CAMERAS['infrared']),
        ('gallery_cam', gallery_camids, SYSU_CAMERAS['visible']),
    ):
        if not np.isin(camids, cameras).all():
            raise arrays.error(
                ours,
                f'holds cameras {_listed(camids)}; under SYSU-MM01 queries come from the infrared '
                'cameras 3 and 6, the gallery from 1, 2, 4 and 5',
            )


def _distances(arrays: _Arrays, query_pids: np.ndarray, gallery_pids: np.ndarray) -> np.ndarray:
    distances = arrays.matrix('distmat')
    if distances.shape != (len(query_pids), len(gallery_pids)):
        raise arrays.error(
            'distmat',
            f'has the shape {distances.shape}, but there are {len(query_pids)} queries (rows) '
            f'and {len(gallery_pids)} gallery images',
        )
    same = query_pids[:, None] == gallery_pids  # (Q, G)
    if same.any() and not same.all() and distances[same].mean() > distances[~same].mean():
        arrays.notes.append(
            f'In {arrays.names["distmat"]}, images of one person lie farther apart than images of two: '
            'if it holds similarities, as in the AGW family, save it with a minus sign.'
        )
    return distances


def _unit_length(features: np.ndarray, notes: list[str]) -> np.ndarray:
    """(N, D) float32; features of unit length up to float32's rounding stay as they are."""
    lengths = np.linalg.norm(features.astype(np.float64), axis=1)
    if np.allclose(lengths, 1, rtol=0, atol=1e-5):
        return features.astype(np.float32)
    notes.append(f'The features have lengths from {lengths.min():.4g} to {lengths.max():.4g} and were L2-normalised.')
    return l2_normalize(features)


def _listed(numbers: np.ndarray) -> str:
    return ', '.join(map(str, np.unique(numbers)[:12]))

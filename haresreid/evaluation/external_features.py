"""Features and distances that other code computed, read from ``.npz`` and MATLAB files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from haresreid.catalogue import CATALOGUE
from haresreid.files.paths import expand_home
from haresreid.structures import Modality

from .evaluate import BlockDistances, ProtocolResult, evaluate_trials
from .external_arrays import ExternalArrays
from .feature_set import FeatureSet
from .functional import l2_normalize
from .protocols import CrossModalProtocol, FixedGallery, MixedGalleryProtocol

__all__ = ['ExternalFeatures', 'load_external_features']

SYSU_CAMERAS = CATALOGUE['sysu'].cameras


@dataclass
class ExternalFeatures:
    """The features or distances of a file, ready to be evaluated.

    Attributes:
        feature_set (FeatureSet): All images. If there are ``distances``, its features have width 0. Its ``info`` is
            that of a dump, or has ``file`` and ``notes``, sentences on what was assumed or changed.
        protocols (list[CrossModalProtocol]): The requested protocols, as they are or each as a :class:`FixedGallery`.
        distances (np.ndarray, optional): (Q, G), if the file holds distances instead of features.
    """

    feature_set: FeatureSet
    protocols: list[CrossModalProtocol]
    distances: np.ndarray | None = None

    @property
    def notes(self) -> list[str]:
        """Sentences on what was assumed or changed."""
        return self.feature_set.info.get('notes', [])

    def evaluate_distances(self, protocol: FixedGallery) -> ProtocolResult:
        """Evaluate the given distances instead of computing them from features."""
        first = len(self.distances)  # the gallery's first index: it follows the queries

        def given(query: np.ndarray, gallery: np.ndarray) -> BlockDistances:
            return lambda rows: self.distances[np.ix_(query[rows], gallery - first)]

        return evaluate_trials(self.feature_set, protocol, given)


def load_external_features(
    path: str | Path, protocols: Sequence[CrossModalProtocol], names: Mapping[str, str] | None = None
) -> ExternalFeatures:
    """Read features, or distances, with their labels.

    The file holds either all test images together, and the protocols draw from them, or query and gallery separately,
    as most published scripts write them, and these are evaluated as given. Arrays are found by the names in
    ``ALIASES``.

    Args:
        path (str | Path): An ``.npz`` file without pickled objects, or a ``.mat`` file (saved with ``-v7`` at most).
        protocols (Sequence[CrossModalProtocol]): What to evaluate. They say which role is infrared and whether cameras
            are needed.
        names (Mapping[str, str], optional): Name here -> name in the file, for arrays with other names.

    Returns:
        ExternalFeatures: Ready for ``evaluate``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If arrays are missing or do not fit together.

    Examples:
        >>> external = load_external_features('pytorch_result.mat', [protocol_by_name('regdb/v2i')])  # doctest: +SKIP
        >>> result = evaluate(external.feature_set, external.protocols[0])  # doctest: +SKIP
    """
    arrays = ExternalArrays(Path(expand_home(path)), names or {})
    return _read_together(arrays, protocols) if arrays.together else _read_apart(arrays, protocols)


def _read_together(arrays: ExternalArrays, protocols: Sequence[CrossModalProtocol]) -> ExternalFeatures:
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
    queries = arrays.labels('queries', len(pids)) if 'queries' in arrays else None
    images = FeatureSet(features, pids, camids, modalities, img_paths, arrays.info(), queries)
    return ExternalFeatures(images, list(protocols))


def _modalities(arrays: ExternalArrays, camids: np.ndarray, protocols: Sequence[CrossModalProtocol]) -> np.ndarray:
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


def _read_apart(arrays: ExternalArrays, protocols: Sequence[CrossModalProtocol]) -> ExternalFeatures:
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
        np.repeat([True, False], [num_query, num_gallery]),
    )
    query, gallery = np.split(np.arange(len(feature_set)), [num_query])
    for protocol in protocols:
        drawn = [len(indices) for indices in protocol.draw(feature_set, protocol.trials[0])]
        if drawn != [num_query, num_gallery]:
            arrays.notes.append(
                f'{protocol.name} would never have these {num_query} queries and {num_gallery} gallery '
                f'images: it would take {drawn[0]} and {drawn[1]} of them. They stay as given.'
            )
    return ExternalFeatures(feature_set, [FixedGallery(protocol, query, gallery) for protocol in protocols], distances)


def _role_modalities(arrays: ExternalArrays, protocols: Sequence[CrossModalProtocol]) -> tuple[Modality, Modality]:
    """The modalities of the queries and of the gallery, on which all protocols must agree."""
    roles = set()
    for protocol in protocols:
        if protocol.name.endswith('-official'):
            raise ValueError(
                f'{arrays.path} gives its gallery, so there is nothing to draw: name '
                f'{protocol.name.removesuffix("-official")} instead of {protocol.name}.'
            )
        if isinstance(protocol, MixedGalleryProtocol):
            raise ValueError(
                f'{arrays.path} gives a gallery of one modality, and that of {protocol.name} holds both: give the '
                'features of all test images, with their modalities.'
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


def _check_sysu_roles(arrays: ExternalArrays, query_camids: np.ndarray, gallery_camids: np.ndarray) -> None:
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


def _distances(arrays: ExternalArrays, query_pids: np.ndarray, gallery_pids: np.ndarray) -> np.ndarray:
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

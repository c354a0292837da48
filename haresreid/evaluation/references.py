"""Baselines that a result must beat: chance, HOG and its patches (unlearned shape), HSV (colour, to detect leaks).

HOG: Dalal and Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import ceil
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from mmengine.logging import print_log
from PIL import Image
from tqdm import tqdm

from haresreid.files.files import written_whole
from haresreid.files.images import read_any_rgb

from .evaluate import ProtocolResult, evaluate, evaluate_trials
from .feature_set import FeatureSet
from .functional import hog, l2_normalize

__all__ = ['REFERENCES', 'evaluate_chance', 'evaluate_references', 'hog_features', 'hsv_features', 'patch_features']

# Enough random rankings for a standard error of Rank-1 below 0.05 points when chance is near 2 %.
CHANCE_RANKINGS = 100_000
# Below this many images a pool of processes and a progress bar cost more than they bring.
PARALLEL_FROM = 500


def hog_features(img_paths: Sequence[str]) -> np.ndarray:
    """HOG of the grey image at 128 x 64: 9 orientations, 8 x 8 cells, 2 x 2 blocks; (N, 3780) float32, unit rows.

    They are cached in the user's cache directory (``$XDG_CACHE_HOME/haresreid``), since test images rarely change.
    """
    return _cached('hog-2', _hog, img_paths)


def hsv_features(img_paths: Sequence[str]) -> np.ndarray:
    """Square-rooted 8 x 4 x 4 HSV histograms of 6 horizontal stripes at 128 x 64; (N, 768) float32, unit rows."""
    return _cached('hsv-2', _hsv, img_paths)


def patch_features(img_paths: Sequence[str]) -> np.ndarray:
    """HOG's cells, second-order pooled over the middle half, without their positions; (N, 45) float32, unit rows.

    A cell is a patch of 8 x 8 pixels at 128 x 64. Pooling: Carreira et al., "Semantic Segmentation with Second-Order
    Pooling", ECCV 2012.
    """
    return _cached('patches-1', _patches, img_paths)


def evaluate_chance(images, protocol) -> ProtocolResult:
    """Random rankings under the protocol, with each query repeated until the mean approximates the expectation.

    The spread over trials is therefore little more than the difference between the drawn galleries.
    """
    rng = np.random.default_rng(0)
    num_queries = len(protocol.draw(images, protocol.trials[0])[0])
    repeats = ceil(CHANCE_RANKINGS / (num_queries * len(protocol.trials)))

    class Repeated:
        """The protocol with each query repeated ``repeats`` times."""

        def __getattr__(self, name: str):
            return getattr(protocol, name)

        def draws(self, images):
            return [(np.tile(query, repeats), gallery) for query, gallery in protocol.draws(images)]

    def random_distances(query: np.ndarray, gallery: np.ndarray) -> Callable[[slice], np.ndarray]:
        return lambda rows: rng.random((rows.stop - rows.start, len(gallery)))

    result = evaluate_trials(images, Repeated(), random_distances, pairwise=False)
    return replace(result, num_queries=num_queries, num_valid=result.num_valid // repeats, queries=(), scores=())


def _evaluate_descriptor(
    describe: Callable[[Sequence[str]], np.ndarray], images, protocols: Iterable
) -> list[ProtocolResult]:
    labels = (images.pids, images.camids, images.modalities, list(images.img_paths))
    described = FeatureSet(describe(images.img_paths), *labels, queries=getattr(images, 'queries', None))
    return [evaluate(described, protocol) for protocol in protocols]


REFERENCES: dict[str, Callable] = {
    'chance': lambda images, protocols: [evaluate_chance(images, protocol) for protocol in protocols],
    'hog': partial(_evaluate_descriptor, hog_features),
    'hsv': partial(_evaluate_descriptor, hsv_features),
    'patches': partial(_evaluate_descriptor, patch_features),
}


def evaluate_references(names: Iterable[str], images, protocols: Iterable) -> dict[str, list[ProtocolResult]]:
    """Evaluate reference features on the same images.

    Args:
        names (Iterable[str]): Keys of ``REFERENCES``: 'chance', 'hog', 'hsv', 'patches'.
        images: Object with ``pids``, ``camids``, ``modalities`` and ``img_paths``.
        protocols (Iterable[CrossModalProtocol]): The protocols.

    Returns:
        dict[str, list[ProtocolResult]]: For each reference one result per protocol.
    """
    return {name: REFERENCES[name](images, protocols) for name in names}


def _hog(path: str) -> np.ndarray:
    return hog(_grey(path)).ravel()


def _patches(path: str) -> np.ndarray:
    cells = hog(_grey(path), block=1)  # (16, 8, 1, 1, 9)
    cells = cells[:, 2:-2].reshape(-1, 9)  # (64, 9)
    return (cells.T @ cells)[np.triu_indices(9)]


def _grey(path: str) -> np.ndarray:
    """The grey image, (128, 64), from 0 to 1."""
    grey = Image.fromarray(read_any_rgb(path)).convert('L')
    grey = grey.resize((64, 128), Image.Resampling.LANCZOS)  # PIL size is (width, height)
    return np.asarray(grey) / 255.0


def _hsv(path: str) -> np.ndarray:
    resized = Image.fromarray(read_any_rgb(path)).resize((64, 128), Image.Resampling.LANCZOS)
    hsv = np.asarray(resized.convert('HSV'))
    hue, saturation, value = np.moveaxis(hsv, -1, 0) // np.array([32, 64, 64])[:, None, None]
    bins = (hue * 4 + saturation) * 4 + value  # (128, 64), 0..127
    stripes = np.arange(128) * 6 // 128 * 128  # (128,) first bin of the row's stripe
    return np.sqrt(np.bincount((bins + stripes[:, None]).ravel(), minlength=6 * 128))


def _cached(name: str, describe: Callable[[str], np.ndarray], img_paths: Sequence[str]) -> np.ndarray:
    """Describe images, or read their descriptors from the cache if no file has changed."""
    cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') / 'haresreid'
    file = cache / f'{name}-{_fingerprint(img_paths)}.npy'
    if file.is_file():
        return np.load(file, allow_pickle=False)
    features = l2_normalize(np.stack(_describe_all(name, describe, img_paths)))
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with written_whole(file) as part:
            np.save(part, features)
    except OSError as error:
        print_log(f'{name} features are not cached: {error}', logger='current')
    return features


def _describe_all(name: str, describe: Callable[[str], np.ndarray], img_paths: Sequence[str]) -> list[np.ndarray]:
    if len(img_paths) <= PARALLEL_FROM:
        return [describe(path) for path in img_paths]
    print_log(f'Computing {name} features of {len(img_paths)} images for the reference row, once', logger='current')
    with Pool(min(4, os.cpu_count() or 1)) as pool:
        described = pool.imap(describe, img_paths, chunksize=32)
        return list(tqdm(described, name, total=len(img_paths), disable=None))  # no bar outside a terminal


def _fingerprint(img_paths: Sequence[str]) -> str:
    """Digest of the images' paths, sizes and modification times, which change when an image does."""
    digest = hashlib.sha256()
    for path in img_paths:
        status = os.stat(path)
        digest.update(f'{os.path.abspath(path)}|{status.st_size}|{status.st_mtime_ns}\n'.encode())
    return digest.hexdigest()[:16]

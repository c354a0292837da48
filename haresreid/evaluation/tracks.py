"""Tracks instead of images: one row for all images of a walk, which every protocol then takes for an image."""

import re
import shlex
from collections.abc import Sequence

import numpy as np

from .feature_set import FeatureSet
from .functional import l2_normalize

__all__ = ['pool_tracks', 'track_names']


def track_names(paths: Sequence[str], pattern: str) -> list[str]:
    r"""What tells tracks apart in each path.

    Args:
        paths (Sequence[str]): The images.
        pattern (str): A regular expression that is searched in each path. Images in which it matches the same text are
            one track, e.g. those of one folder with ``r'.*/'``.

    Raises:
        ValueError: If it is no regular expression, or is not found in a path.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern '{pattern}' is no regular expression: {error}") from None
    found = [compiled.search(path) for path in paths]
    missed = [path for path, match in zip(paths, found) if not match]
    if missed:
        raise ValueError(
            f'{len(missed)} of {len(paths)} paths do not match {shlex.quote(pattern)}, the first is {missed[0]!r}: '
            'change the pattern of the tracks'
        )
    return [match[0] for match in found if match]


def pool_tracks(images: FeatureSet, tracks: Sequence[str]) -> FeatureSet:
    """One row for each track: the mean of its images' features.

    Args:
        images (FeatureSet): N images.
        tracks (Sequence[str]): The track of each.

    Returns:
        FeatureSet: M tracks, in the order of their first images, with the paths of these.

    Raises:
        ValueError: If images of one track have two identities, cameras or modalities.
    """
    _, first, track_of = np.unique(np.asarray(tracks), return_index=True, return_inverse=True)  # (M,), (M,), (N,)
    for name in ('pids', 'camids', 'modalities'):
        labels = getattr(images, name)
        wrong = np.flatnonzero(labels != labels[first][track_of])
        if len(wrong):
            row, other = wrong[0], first[track_of[wrong[0]]]
            raise ValueError(
                f'The track {tracks[row]!r} has {name} {labels[other]} ({images.img_paths[other]!r}) and {labels[row]} '
                f'({images.img_paths[row]!r}): a track is of one person in one camera.'
            )
    sums = np.zeros((len(first), images.features.shape[1]))
    np.add.at(sums, track_of, images.features)
    order = np.argsort(first)
    pooled = images[first[order]]
    pooled.features = l2_normalize(sums[order]).astype(np.float32)  # (M, D)
    pooled.info = dict(images.info, pooled_images=len(images))
    return pooled

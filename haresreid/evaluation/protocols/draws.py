"""Groups of images, and the draws of galleries from them."""

import random
from itertools import groupby
from typing import NamedTuple

import numpy as np

__all__ = ['Group', 'draw_with_seed', 'group_images', 'in_order']


class Group(NamedTuple):
    """The images of one identity in one camera: what a gallery is drawn from."""

    pid: int
    camid: int
    indices: list[int]


def draw_with_seed(groups: list[Group], trial: int, shots: int) -> np.ndarray:
    """Draw ``shots`` images of every group, as the field's common Python code does.

    Python's own generator is seeded with the trial number once. Identities ascend in the outer loop and cameras in the
    inner one, files are sorted by path, and each group takes one ``choice`` (one shot) or one ``sample`` (more). A
    private generator gives the same stream as ``random.seed(trial)`` and leaves the global one alone. A group with
    fewer images than shots contributes all of them.
    """
    rng = random.Random(trial)
    drawn = []
    for _, _, indices in groups:
        drawn += [rng.choice(indices)] if shots == 1 else rng.sample(indices, min(shots, len(indices)))
    return np.array(drawn)


def group_images(images, chosen: np.ndarray) -> list[Group]:
    """The chosen images grouped by identity and camera, each group by path."""
    pids, camids, paths = np.asarray(images.pids).tolist(), np.asarray(images.camids).tolist(), images.img_paths
    ordered = sorted(np.flatnonzero(chosen).tolist(), key=lambda index: (pids[index], camids[index], paths[index]))
    grouped = groupby(ordered, key=lambda index: (pids[index], camids[index]))
    return [Group(pid, camid, list(indices)) for (pid, camid), indices in grouped]


def in_order(groups: list[Group]) -> np.ndarray:
    """All images of the groups, (N,)."""
    return np.array([index for group in groups for index in group.indices], dtype=np.int64)

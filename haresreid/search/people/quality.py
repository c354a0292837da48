"""How well assigned people agree with the true ones."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

__all__ = ['AssignmentQuality', 'Pairs', 'judge_assignment', 'path_people']


@dataclass(frozen=True)
class Pairs:
    """Pairs of tracks that were given one person, and those that show one; shares from 0 to 1.

    Attributes:
        precision (float): Of the former, those that show one person; NaN if there are none.
        recall (float): Of the latter, those that were given one person; NaN if there are none.
        f1 (float): Their harmonic mean.
    """

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class AssignmentQuality:
    """Figures of an assignment.

    Attributes:
        tracks (int): Their number.
        people (int): How many they show.
        assigned (int): How many people were assigned.
        idf1 (float): IDF1 of Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera
            Tracking", ECCV Workshops 2016, in which each track counts once: the share of tracks that are right when
            assigned and true people are matched one to one, the best way.
        pairs (Pairs): Of any two tracks.
        across (Pairs): Of a visible and an infrared track.
    """

    tracks: int
    people: int
    assigned: int
    idf1: float
    pairs: Pairs
    across: Pairs


def judge_assignment(assigned: np.ndarray, people: np.ndarray, modalities: np.ndarray) -> AssignmentQuality:
    """Compare assigned people with the true ones.

    Args:
        assigned (np.ndarray): (T,) of each track.
        people (np.ndarray): (T,) the true ones.
        modalities (np.ndarray): (T,) 0 visible, 1 infrared.
    """
    names, column = np.unique(assigned, return_inverse=True)
    truth, row = np.unique(people, return_inverse=True)
    visible, infrared = np.zeros((2, len(truth), len(names)), dtype=np.int64)
    for table, modality in ((visible, 0), (infrared, 1)):
        np.add.at(table, (row[modalities == modality], column[modalities == modality]), 1)
    both = np.zeros_like(visible)  # tracks of a person that were given to an assigned one
    np.add.at(both, (row, column), 1)
    right = both[linear_sum_assignment(both, maximize=True)].sum()
    return AssignmentQuality(
        len(assigned),
        len(truth),
        len(names),
        float(right / len(assigned)),
        _pairs(*(_within(both.sum(axis=axes)) for axes in ((), 0, 1))),
        _pairs(*(int((visible.sum(axis=axes) * infrared.sum(axis=axes)).sum()) for axes in ((), 0, 1))),
    )


def path_people(paths: Sequence[str], pattern: str) -> np.ndarray:
    r"""The people whose names stand in paths.

    Args:
        paths (Sequence[str]): T files.
        pattern (str): A regular expression with the group ``(?P<person>...)``, which is searched in each path.

    Returns:
        np.ndarray: (T,) names.

    Raises:
        ValueError: If it is no such expression, or is not found in a path.
    """
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"the pattern '{pattern}' is no regular expression: {error}") from None
    if 'person' not in compiled.groupindex:
        raise ValueError(f"the pattern '{pattern}' lacks the group (?P<person>...)")
    found = [compiled.search(path) for path in paths]
    missed = [path for path, match in zip(paths, found) if not match]
    if missed:
        raise ValueError(
            f'{len(missed)} of {len(paths)} paths do not match {shlex.quote(pattern)}, the first is {missed[0]!r}'
        )
    return np.array([match['person'] for match in found if match])


def _within(counts: np.ndarray) -> int:
    return int((counts * (counts - 1) // 2).sum())


def _pairs(right: int, given: int, true: int) -> Pairs:
    shares = ((right, given), (right, true), (2 * right, given + true))
    return Pairs(*(part / whole if whole else float('nan') for part, whole in shares))

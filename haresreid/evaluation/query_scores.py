"""The scores of each query: what tells a difference from chance. Means alone cannot."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from haresreid.files.array_files import ArrayFile
from haresreid.files.files import written_whole

from .evaluate import ProtocolResult
from .feature_set import FeatureSet

__all__ = ['SCORED_METRICS', 'ScoredQueries', 'read_query_scores', 'scored_queries', 'write_query_scores']

SCORED_METRICS = ('R1', 'mAP', 'mINP')
ARRAYS = ('trials', 'num_gallery', 'pids', 'camids', 'img_paths', 'hit_rank', 'ap', 'inp', 'valid')


@dataclass(frozen=True)
class ScoredQueries:
    """The scores of Q queries in T trials of one protocol.

    Attributes:
        protocol (str): Name of the protocol.
        trials (np.ndarray): (T,) trial numbers.
        num_gallery (np.ndarray): (T,) gallery images.
        pids (np.ndarray): (Q,) identities.
        camids (np.ndarray): (Q,) cameras.
        img_paths (np.ndarray): (Q,) image files.
        hit_rank (np.ndarray): (T, Q) rank of the first correct match, from 1, counted as the protocol counts it.
        ap (np.ndarray): (T, Q) average precision.
        inp (np.ndarray): (T, Q) inverse negative penalty.
        valid (np.ndarray): (T, Q) whether the gallery holds a correct image; the others count in no mean.
    """

    protocol: str
    trials: np.ndarray
    num_gallery: np.ndarray
    pids: np.ndarray
    camids: np.ndarray
    img_paths: np.ndarray
    hit_rank: np.ndarray
    ap: np.ndarray
    inp: np.ndarray
    valid: np.ndarray

    @property
    def scores(self) -> np.ndarray:
        """(M, T, Q) scores behind ``SCORED_METRICS``, as fractions; 0 where a query is not valid."""
        return np.stack([self.hit_rank == 1, self.ap, self.inp]) * self.valid

    @property
    def figures(self) -> np.ndarray:
        """(M, T) ``SCORED_METRICS`` of each trial, as fractions."""
        return self.scores.sum(axis=2) / self.valid.sum(axis=1)

    @property
    def names(self) -> list[str]:
        """The images' paths below their common folder, which are the same on another machine."""
        root = os.path.commonpath([os.path.dirname(path) for path in self.img_paths])
        return [os.path.relpath(path, root) for path in self.img_paths]


def scored_queries(result: ProtocolResult, images: FeatureSet) -> ScoredQueries | None:
    """The queries of a result; None if they are not known, or differ between the trials, as under LLCM's legacy rule.

    Args:
        result (ProtocolResult): A result on these images.
        images (FeatureSet): Their labels and paths.
    """
    if not result.queries or any(not np.array_equal(query, result.queries[0]) for query in result.queries):
        return None
    query = result.queries[0]
    hit_rank, ap, inp, valid = (np.stack(column) for column in zip(*result.scores))  # (T, Q) each
    return ScoredQueries(
        result.name,
        np.array(result.trials),
        result.num_gallery,
        images.pids[query],
        images.camids[query],
        np.array(images.img_paths)[query],
        hit_rank,
        ap,
        inp,
        valid,
    )


def write_query_scores(path: Path, results: Mapping[str, Mapping[str, ProtocolResult]], images: FeatureSet) -> None:
    """Write the scores of the rows 'ours', and re-ranked, of each protocol; remove an older file if there are none."""
    found = {
        f'{protocol}/{row}': scored
        for protocol, rows in results.items()
        for row, result in rows.items()
        if row.startswith('ours') and (scored := scored_queries(result, images))
    }
    if not found:
        path.unlink(missing_ok=True)
        return
    arrays = {f'{key}/{name}': getattr(scored, name) for key, scored in found.items() for name in ARRAYS}
    with written_whole(path) as part, open(part, 'wb') as file:
        np.savez_compressed(file, **arrays)


def read_query_scores(path: Path, protocol: str, row: str = 'ours') -> ScoredQueries:
    """Read what :func:`write_query_scores` wrote.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it lacks this protocol or row, or is damaged.
    """
    file = ArrayFile(path)
    missing = [name for name in ARRAYS if f'{protocol}/{row}/{name}' not in file]
    if missing:
        held = sorted({key.rpartition('/')[0] for key in file})
        raise ValueError(f'{path} holds no scores of {protocol}, {row}; it holds {", ".join(held)}.')
    arrays = {name: file[f'{protocol}/{row}/{name}'] for name in ARRAYS}
    shape = len(arrays['trials']), len(arrays['pids'])
    if any(arrays[name].shape != shape for name in ('hit_rank', 'ap', 'inp', 'valid')):
        raise ValueError(
            f'{path} is damaged: the scores of {protocol} are not of {shape[0]} trials, {shape[1]} queries.'
        )
    return ScoredQueries(protocol, **arrays)

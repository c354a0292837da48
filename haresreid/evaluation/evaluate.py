"""From features and a protocol to CMC, mAP and mINP."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import torch

from haresreid.choices import METRIC_NAMES

from .feature_set import FeatureSet
from .functional import QueryScores, cmc_curve, query_blocks, score_queries

__all__ = ['METRIC_NAMES', 'ProtocolResult', 'evaluate', 'evaluate_trials', 'score_trial']

# Distances between a block of queries and the whole gallery: slice -> (block, G), an array or a tensor.
BlockDistances = Callable[[slice], np.ndarray]
# How many distances are held at once (64 MiB of float64), and how many one thread scores at once.
MATRIX_ELEMENTS = 2**23
SCORED_ELEMENTS = 2**20


@dataclass
class ProtocolResult:
    """The metrics of one protocol, as fractions, one entry per trial.

    Attributes:
        name (str): The protocol.
        description (str): How it chooses queries and gallery.
        trials (tuple[int]): Trial numbers, T of them.
        figures (dict[str, np.ndarray]): (T,) for each of R1, R5, R10, R20, mAP, mINP.
        cmc (np.ndarray): (T, 20) CMC curves.
        num_queries (int): Query images, invalid ones included.
        num_valid (np.ndarray): (T,) queries with a correct image in the gallery; means are over these.
        num_gallery (np.ndarray): (T,) gallery images.
        queries (tuple[np.ndarray]): (Q,) indices of the query images for each trial; empty if only means are known.
        scores (tuple[QueryScores]): The scores of these queries for each trial.
    """

    name: str
    description: str
    trials: tuple[int, ...]
    figures: dict[str, np.ndarray]
    cmc: np.ndarray
    num_queries: int
    num_valid: np.ndarray
    num_gallery: np.ndarray
    queries: tuple[np.ndarray, ...] = ()
    scores: tuple[QueryScores, ...] = ()

    def mean(self, metric: str) -> float:
        """Mean over the trials."""
        return float(self.figures[metric].mean())

    def std(self, metric: str) -> float:
        """Population standard deviation over the trials; 0 for one trial."""
        return float(self.figures[metric].std())


def evaluate(feature_set: FeatureSet, protocol, device: str | None = None) -> ProtocolResult:
    """Evaluate L2-normalised features by cosine similarity under a protocol.

    Args:
        feature_set (FeatureSet): All test images of both modalities.
        protocol (CrossModalProtocol): Draws query and gallery and states the camera rule.
        device (str, optional): A torch device to compute on. Defaults to None: NumPy.

    Returns:
        ProtocolResult: Per-trial figures.

    Raises:
        ValueError: If no query of a trial has a correct image in its gallery.
    """

    def take(indices: np.ndarray):
        features = _take_float64(feature_set.features, indices)
        return features if device is None else torch.from_numpy(features).to(device)

    def cosine(query: np.ndarray, gallery: np.ndarray) -> BlockDistances:
        transposed = take(gallery).T  # (D, G)
        return lambda rows: -take(query[rows]) @ transposed

    return evaluate_trials(feature_set, protocol, cosine)


def _take_float64(features: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Rows of features in float64, so that rounding of the products does not change the ranking: (n, D)."""
    taken = np.empty((len(indices), features.shape[1]))
    for rows in query_blocks(*taken.shape):  # block by block: no second copy of a large gallery
        taken[rows] = features[indices[rows]]
    return taken


def evaluate_trials(
    images, protocol, distances: Callable[[np.ndarray, np.ndarray], BlockDistances], pairwise: bool = True
) -> ProtocolResult:
    """Run every trial of a protocol on any distance.

    Args:
        images: Object with ``pids``, ``camids``, ``modalities`` and ``img_paths``.
        protocol (CrossModalProtocol): The protocol.
        distances (Callable): Takes query and gallery indices and returns a function from a slice of the queries to
            their distances, (block, G), smaller is closer.
        pairwise (bool): Whether a distance depends on its two images alone. All trials then share one matrix; otherwise
            (random distances, re-ranking) each has its own. Defaults to True.

    Returns:
        ProtocolResult: Per-trial figures.
    """
    draws = protocol.draws(images)
    scores = []
    for query, galleries in _share_matrices(draws) if pairwise else ((query, [gallery]) for query, gallery in draws):
        scores += _score_galleries(images, protocol, query, galleries, distances)
    cmc = np.stack([cmc_curve(trial) for trial in scores])  # (T, 20)
    figures = {f'R{rank}': cmc[:, rank - 1] for rank in (1, 5, 10, 20)}
    figures.update(
        mAP=np.array([trial.ap[trial.valid].mean() for trial in scores]),
        mINP=np.array([trial.inp[trial.valid].mean() for trial in scores]),
    )
    return ProtocolResult(
        protocol.name,
        protocol.description,
        tuple(protocol.trials),
        figures,
        cmc,
        len(draws[0][0]),
        np.array([trial.valid.sum() for trial in scores]),
        np.array([len(gallery) for _, gallery in draws]),
        tuple(query for query, _ in draws),
        tuple(scores),
    )


def _share_matrices(draws: list[tuple[np.ndarray, np.ndarray]]) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Group consecutive trials with the same queries; only LLCM's legacy rule has different queries per trial."""
    for _, group in groupby(draws, key=lambda draw: draw[0].tobytes()):
        queries, galleries = zip(*group)
        yield queries[0], list(galleries)


def _score_galleries(
    images, protocol, query: np.ndarray, galleries: list[np.ndarray], distances: Callable
) -> list[QueryScores]:
    """Score the same queries against several galleries from one distance matrix, computed in blocks of queries."""
    union = galleries[0] if len(galleries) == 1 else np.unique(np.concatenate(galleries))  # (U,)
    block_distances = distances(query, union)

    def score(rows: np.ndarray, gallery: np.ndarray, matrix) -> QueryScores:
        if gallery is not union:
            matrix = _take_columns(matrix, np.searchsorted(union, gallery))  # (b, U) -> (b, G)
        return score_trial(
            matrix, protocol, images.pids[rows], images.camids[rows], images.pids[gallery], images.camids[gallery]
        )

    parts: list[list[QueryScores]] = [[] for _ in galleries]
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:  # NumPy and torch release the GIL
        for block in query_blocks(len(query), len(union), MATRIX_ELEMENTS):
            matrix = block_distances(block)  # (block, U)
            jobs = [
                [
                    pool.submit(score, query[block][rows], gallery, matrix[rows])
                    for rows in query_blocks(len(matrix), len(gallery), SCORED_ELEMENTS)
                ]
                for gallery in galleries
            ]
            for trial, trial_jobs in zip(parts, jobs):
                trial += [job.result() for job in trial_jobs]
    return [QueryScores(*map(np.concatenate, zip(*trial))) for trial in parts]


def _take_columns(matrix, columns: np.ndarray):
    """``matrix[:, columns]``; NumPy's ``take`` does this several times faster."""
    return np.take(matrix, columns, axis=1) if isinstance(matrix, np.ndarray) else matrix[:, columns]


def score_trial(
    distances,
    protocol,
    query_pids: np.ndarray,
    query_camids: np.ndarray,
    gallery_pids: np.ndarray,
    gallery_camids: np.ndarray,
) -> QueryScores:
    """Score given distances, (Q, G), smaller is closer, under the protocol's camera rule and CMC flavour."""
    excluded = protocol.excluded(query_pids, query_camids, gallery_pids, gallery_camids)
    return score_queries(distances, query_pids, gallery_pids, excluded, protocol.count_identities)

"""From features and a protocol to CMC, mAP and mINP."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .feature_set import FeatureSet
from .functional import QueryScores, cmc_curve, query_blocks, score_queries

__all__ = ['METRIC_NAMES', 'ProtocolResult', 'evaluate', 'evaluate_trials', 'score_trial']

METRIC_NAMES = ('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP')

# Distances between a block of queries and the whole gallery: slice -> (block, G).
BlockDistances = Callable[[slice], np.ndarray]


@dataclass
class ProtocolResult:
    """The figures of one protocol, as fractions, one entry per trial.

    Attributes:
        name (str): The protocol.
        trials (tuple[int]): Trial numbers, T of them.
        figures (dict[str, np.ndarray]): (T,) for each of R1, R5, R10, R20, mAP, mINP.
        cmc (np.ndarray): (T, 20) CMC curves.
        num_queries (int): Query images, invalid ones included.
        num_valid (np.ndarray): (T,) queries with a correct image in the gallery; means are over these.
        num_gallery (np.ndarray): (T,) gallery images.
    """

    name: str
    trials: tuple[int, ...]
    figures: dict[str, np.ndarray]
    cmc: np.ndarray
    num_queries: int
    num_valid: np.ndarray
    num_gallery: np.ndarray

    def mean(self, metric: str) -> float:
        """Mean over the trials."""
        return float(self.figures[metric].mean())

    def std(self, metric: str) -> float:
        """Standard deviation over the trials (of the trials themselves, not of an estimate); 0 for one trial."""
        return float(self.figures[metric].std())


def evaluate(feature_set: FeatureSet, protocol) -> ProtocolResult:
    """Evaluate L2-normalised features by cosine similarity under a protocol.

    Args:
        feature_set (FeatureSet): All test images of both modalities.
        protocol (CrossModalProtocol): Draws query and gallery and states the camera rule.

    Returns:
        ProtocolResult: Per-trial figures.

    Raises:
        ValueError: If no query of a trial has a correct image in its gallery.
    """
    features = feature_set.features

    def cosine(query: np.ndarray, gallery: np.ndarray) -> BlockDistances:
        # float64 products of float32 features: rounding must not decide between near neighbours.
        transposed = -features[gallery].astype(np.float64).T  # (D, G)
        return lambda rows: features[query[rows]].astype(np.float64) @ transposed

    return evaluate_trials(feature_set, protocol, cosine)


def evaluate_trials(images, protocol, distances: Callable[[np.ndarray, np.ndarray], BlockDistances]) -> ProtocolResult:
    """Run every trial of a protocol on any distance.

    Args:
        images: Object with ``pids``, ``camids``, ``modalities`` and ``img_paths``.
        protocol (CrossModalProtocol): The protocol.
        distances (Callable): Takes query and gallery indices and returns a function from a slice of the queries to
            their distances, (block, G), smaller is closer.

    Returns:
        ProtocolResult: Per-trial figures.
    """
    curves, precisions, penalties, num_valid, num_gallery = [], [], [], [], []
    for trial in protocol.trials:
        query, gallery = protocol.draw(images, trial)
        scores = score_trial(
            distances(query, gallery), protocol, images.pids[query], images.camids[query], images.pids[gallery],
            images.camids[gallery])
        curves.append(cmc_curve(scores))
        precisions.append(scores.ap[scores.valid].mean())
        penalties.append(scores.inp[scores.valid].mean())
        num_valid.append(scores.valid.sum())
        num_gallery.append(len(gallery))
    cmc = np.stack(curves)  # (T, 20)
    figures = {f'R{rank}': cmc[:, rank - 1] for rank in (1, 5, 10, 20)}
    figures.update(mAP=np.array(precisions), mINP=np.array(penalties))
    return ProtocolResult(protocol.name, tuple(protocol.trials), figures, cmc, len(query), np.array(num_valid),
                          np.array(num_gallery))


def score_trial(distances: BlockDistances, protocol, query_pids: np.ndarray, query_camids: np.ndarray,
                gallery_pids: np.ndarray, gallery_camids: np.ndarray) -> QueryScores:
    """Score all queries of one trial, block by block, under the protocol's camera rule and CMC flavour.

    Examples:
        A given (Q, G) matrix is indexed by block: ``score_trial(matrix.__getitem__, protocol, ...)``.
    """
    blocks = []
    for rows in query_blocks(len(query_pids), len(gallery_pids)):
        excluded = protocol.excluded(query_pids[rows], query_camids[rows], gallery_pids, gallery_camids)
        blocks.append(
            score_queries(distances(rows), query_pids[rows], gallery_pids, excluded, protocol.collapse_ids))
    return QueryScores(*(np.concatenate(column) for column in zip(*blocks)))

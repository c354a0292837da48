"""The rows of a result table that come from the features themselves, with and without re-ranking."""

from collections.abc import Iterable, Sequence

from .evaluate import ProtocolResult, evaluate, evaluate_trials
from .feature_set import FeatureSet
from .reranking import RERANKERS

__all__ = ['by_protocol', 'evaluate_rows']


def evaluate_rows(
    feature_set: FeatureSet, protocols: Sequence, rerank: Iterable[str] = (), device: str | None = None
) -> dict[str, list[ProtocolResult]]:
    """Evaluate features as they are and with each re-ranking; each gives a labelled row.

    Args:
        feature_set (FeatureSet): The features.
        protocols (Sequence[CrossModalProtocol]): The protocols.
        rerank (Iterable[str]): Keys of ``RERANKERS``. Defaults to none.
        device (str, optional): See :func:`evaluate`; re-ranking runs on the CPU.

    Returns:
        dict[str, list[ProtocolResult]]: One result per protocol for the rows 'ours', 'ours + k-reciprocal'...
    """
    features = feature_set.features
    rows = {'ours': [evaluate(feature_set, protocol, device) for protocol in protocols]}
    for name in rerank:

        def distances(query, gallery, rerank=RERANKERS[name]):
            return rerank(features[query], features[gallery])

        rows[f'ours + {name}'] = [
            evaluate_trials(feature_set, protocol, distances, pairwise=False) for protocol in protocols
        ]
    return rows


def by_protocol(rows: dict[str, list[ProtocolResult]]) -> dict[str, dict[str, ProtocolResult]]:
    """Turn rows of results, one per protocol, into protocols of rows: protocol name -> row -> result."""
    names = [result.name for result in rows['ours']]
    return {name: {row: results[index] for row, results in rows.items()} for index, name in enumerate(names)}

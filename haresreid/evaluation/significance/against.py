"""Several results against one: which differ from it by more than chance."""

from collections.abc import Mapping, Sequence

from haresreid.files.extras import require_extra

from ..query_scores import SCORED_METRICS, ScoredQueries
from .paired import compare

__all__ = ['adjusted_p_values']


def adjusted_p_values(
    results: Mapping[str, Mapping[str, ScoredQueries]], against: str, metrics: Sequence[str] = SCORED_METRICS
) -> dict[str, dict[tuple[str, str], float]]:
    """The p of each result's difference from one of them, corrected for their number by Holm's method.

    Args:
        results (Mapping[str, Mapping[str, ScoredQueries]]): Name -> protocol -> scored queries.
        against (str): The name of the one that the others are compared with.
        metrics (Sequence[str]): Those to compare; others than ``SCORED_METRICS`` are left out. Defaults to these.

    Returns:
        dict[str, dict[tuple[str, str], float]]: Name -> (protocol, metric) -> p.

    Raises:
        ValueError: If two results are of different queries, or statsmodels is not installed.
    """
    require_extra('statsmodels', 'statistics')
    from statsmodels.stats.multitest import multipletests

    found = {
        (name, protocol, each.metric): each.p_value
        for name, scored in results.items()
        if name != against
        for protocol, queries in scored.items()
        if protocol in results[against]
        for each in compare([results[against][protocol]], [queries])
        if each.metric in metrics
    }
    adjusted = multipletests(list(found.values()), method='holm')[1] if found else []
    p_values: dict[str, dict[tuple[str, str], float]] = {name: {} for name in results}
    for (name, *column), p_value in zip(found, adjusted):
        p_values[name][tuple(column)] = float(p_value)
    return p_values

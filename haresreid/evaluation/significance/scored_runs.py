"""The runs of a method, from what people have at hand: features, a result, or a folder of either, one per seed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from haresreid.files.paths import expand_home

from ..evaluate import evaluate
from ..external_features import load_external_features
from ..protocols import CrossModalProtocol
from ..query_scores import ScoredQueries, read_query_scores, scored_queries
from ..results import read_results

__all__ = ['read_result_queries', 'read_runs', 'run_files']

FEATURES = ('.npz', '.mat')


def run_files(source: str | Path) -> list[Path]:
    """The result or feature files that a source stands for.

    Args:
        source (str | Path): A feature file, a ``metrics.json``, a folder with one, or a folder of runs: of folders with
            a ``metrics.json`` each, or of feature files.

    Raises:
        FileNotFoundError: If there is nothing, or nothing of these in the folder.
    """
    path = Path(expand_home(source))
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f'There is no {path}; give features, a metrics.json, or a folder of them.')
    if (path / 'metrics.json').is_file():
        return [path / 'metrics.json']
    found = sorted(path.glob('*/metrics.json')) or sorted(file for file in path.iterdir() if file.suffix in FEATURES)
    if not found:
        raise FileNotFoundError(
            f'{path} holds neither a metrics.json, nor folders with one each (seed_0, seed_1), nor feature files.'
        )
    return found


def read_runs(files: Sequence[Path], protocol: CrossModalProtocol, row: str = 'ours') -> list[ScoredQueries]:
    """Read or compute the scores of the queries of each run.

    Args:
        files (Sequence[Path]): Of :func:`run_files`.
        protocol (CrossModalProtocol): What features are evaluated under, and which of a result's protocols is read.
        row (str): Which row of a result is read, such as 'ours + k-reciprocal'. Defaults to 'ours'.

    Raises:
        ValueError: If a result lacks the scores of its queries, the protocol or the row.
    """
    return [
        _of_features(file, protocol, row) if file.suffix in FEATURES else read_result_queries(file, protocol.name, row)
        for file in files
    ]


def _of_features(file: Path, protocol: CrossModalProtocol, row: str) -> ScoredQueries:
    if row != 'ours':
        raise ValueError(f'{file} holds features, not the row {row!r}: give the metrics.json of an evaluation.')
    external = load_external_features(file, [protocol])
    [rule] = external.protocols
    result = evaluate(external.feature_set, rule) if external.distances is None else external.evaluate_distances(rule)
    scored = scored_queries(result, external.feature_set)
    if scored is None:
        raise ValueError(f'Under {rule.name} each draw has queries of its own, so there are none to pair.')
    return scored


def read_result_queries(file: Path, protocol: str, row: str = 'ours') -> ScoredQueries:
    """Read the scores of the queries behind a row of a ``metrics.json``.

    Raises:
        FileNotFoundError: If its ``metrics.npz`` is missing.
        ValueError: If that is of another evaluation, or lacks the protocol or the row.
    """
    content, scores = read_results(file), file.with_suffix('.npz')
    if not scores.is_file():
        raise FileNotFoundError(
            f'{file} has no {scores.name} beside it, which holds the scores of its queries: it is of an earlier '
            'release, or was copied alone. Evaluate the checkpoint anew (haresreid test), or give its features.'
        )
    scored = read_query_scores(scores, protocol, row)
    recorded = content['protocols'].get(protocol, {}).get(row, {}).get('mean', {}).get('mAP', np.nan)
    if not np.isclose(scored.figures[1].mean(), recorded, rtol=0, atol=1e-9):
        raise ValueError(f'{scores} is not of {file}: its mAP is {scored.figures[1].mean():.4f}, not {recorded:.4f}.')
    return scored

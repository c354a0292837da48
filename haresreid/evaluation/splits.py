"""The result that papers give for RegDB: the mean over splits, each with a model of its own."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from .evaluate import METRIC_NAMES, ProtocolResult
from .results import Results, format_grid, mean_cells, protocols_to_dict, software_versions

__all__ = ['average_splits', 'format_splits', 'join_splits']

# What the models of one mean must share, and how to read it from a result file.
SHARED: dict[str, Callable[[dict], object]] = {
    'feature': lambda content: content.get('feature'),
    'flip averaging': lambda content: content.get('flip'),
    'config': lambda content: content.get('config', {}).get('hash'),
    'data set': lambda content: content['data'].get('dataset'),
    'number of test images': lambda content: content['data']['images'],
    'protocols and rows': lambda content: {name: list(rows) for name, rows in content['protocols'].items()},
}


def join_splits(contents: Mapping[str | Path, dict]) -> Results:
    """Join the results of all splits into one, in which each split is a trial with the split's number.

    Args:
        contents (Mapping[str | Path, dict]): Result file -> what :func:`read_results` found in it, one file per split.

    Raises:
        ValueError: If a split occurs twice, a result belongs to no split, a checkpoint was used for two splits, or the
            results differ in their config, feature, flip averaging, data set or protocols.
    """
    parts = _in_order(contents)
    return {
        name: {row: _join(name, parts, [part['protocols'][name][row] for part in parts]) for row in rows}
        for name, rows in parts[0]['protocols'].items()
    }


def average_splits(contents: Mapping[str | Path, dict]) -> dict:
    """What :func:`write_results` would write of the joined results; args and errors as in :func:`join_splits`.

    ``data`` holds the ``splits``, the ``fingerprints`` of their test images, and as ``fingerprint`` a SHA-256 over
    these. ``checkpoints`` holds one entry per split.
    """
    parts = _in_order(contents)
    first = parts[0]
    fingerprints = [part['data']['fingerprint'] for part in parts]
    shared = {
        key: value
        for key, value in first['data'].items()
        if key != 'split' and all(part['data'].get(key) == value for part in parts)
    }
    return dict(
        protocols=protocols_to_dict(join_splits(contents)),
        **{key: first[key] for key in ('feature', 'flip', 'config') if key in first},
        checkpoints=[part.get('checkpoint') for part in parts],
        data=dict(
            shared,
            splits=[part['data']['split'] for part in parts],
            fingerprints=fingerprints,
            fingerprint=hashlib.sha256('\n'.join(fingerprints).encode()).hexdigest(),
        ),
        software=software_versions(),
    )


def format_splits(results: Results) -> str:
    """One block per protocol: our metrics on each split, then the mean of every row, in percent."""
    return '\n\n'.join(_format_protocol(name, rows) for name, rows in results.items())


def _format_protocol(name: str, rows: dict[str, ProtocolResult]) -> str:
    ours = rows['ours']
    lines = [['', *METRIC_NAMES]]
    for index, split in enumerate(ours.trials):
        lines.append([f'split {split}', *(f'{100 * ours.figures[metric][index]:.2f}' for metric in METRIC_NAMES)])
    lines += ([row, *mean_cells(result)] for row, result in rows.items())
    return '\n'.join(
        [
            f'{name}: {ours.description}',
            f'{len(ours.trials)} splits, one model each; percent, mean ± std over splits',
            format_grid(lines),
        ]
    )


def _join(name: str, parts: list[dict], results: list[dict]) -> ProtocolResult:
    return ProtocolResult(
        name=name,
        description=results[0]['description'],
        trials=tuple(part['data']['split'] for part in parts),
        figures={metric: np.array([result['mean'][metric] for result in results]) for metric in METRIC_NAMES},
        cmc=np.array([result['cmc'] for result in results]),  # (T, 20)
        num_queries=results[0]['num_queries'],
        num_valid=np.array([result['num_valid'][0] for result in results]),
        num_gallery=np.array([result['num_gallery'][0] for result in results]),
    )


def _in_order(contents: Mapping[str | Path, dict]) -> list[dict]:
    """Check that the contents belong together, and sort them by split."""
    first, ours = next(iter(contents.items()))
    file_of: dict[object, str | Path] = {}
    for file, content in contents.items():
        if 'split' not in content['data']:
            raise ValueError(f'{file} is not of one split; the mean over splits takes a result of each.')
        for what, read in SHARED.items():
            if read(content) != read(ours):
                raise ValueError(
                    f'{first} and {file} differ in their {what} ({read(ours)} and {read(content)}): '
                    'a mean over splits is of models that were trained and tested in one way.'
                )
        split, checkpoint = content['data']['split'], content.get('checkpoint', {}).get('sha256')
        for key, what in ((split, f'split {split}'), (checkpoint, 'one checkpoint')):
            if key is not None and key in file_of:
                raise ValueError(
                    f'{file_of[key]} and {file} are both of {what}: each split counts once, with a model of its own.'
                )
            file_of[key] = file
    return sorted(contents.values(), key=lambda content: content['data']['split'])

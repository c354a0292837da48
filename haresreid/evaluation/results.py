"""Results as a table for people and as JSON for programs."""

import hashlib
import os
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

import haresreid
from haresreid.files.files import file_hash, write_json
from haresreid.files.paths import expand_home
from haresreid.files.text_files import read_json
from haresreid.structures import Modality

from .evaluate import METRIC_NAMES, ProtocolResult
from .feature_set import FeatureSet
from .query_scores import write_query_scores
from .seal import sealed

__all__ = [
    'data_fingerprint',
    'describe_checkpoint',
    'describe_data',
    'format_results',
    'read_results',
    'results_to_dict',
    'write_results',
]

# Protocol name -> row name ('ours', 'chance', 'hog', ...) -> result.
Results = dict[str, dict[str, ProtocolResult]]

SOFTWARE = (
    'numpy',
    'scipy',
    'torch',
    'torchvision',
    'mmengine',
    'mmcv-lite',
    'mmcv',
    'mmpretrain',
    'pillow',
    'opencv-python',
)


def format_results(results: Results) -> str:
    """One block per protocol, one line per row; metrics in percent as mean ± standard deviation over trials."""
    return '\n\n'.join(_format_protocol(name, rows) for name, rows in results.items())


def _format_protocol(name: str, rows: dict[str, ProtocolResult]) -> str:
    ours = next(iter(rows.values()))
    several = len(ours.trials) > 1
    trials = f'{len(ours.trials)} trials; percent, mean ± std over trials' if several else '1 trial; percent'
    queries = f'{ours.num_queries} queries ({_range(ours.num_valid)} valid)'
    return '\n'.join(
        [
            f'{name}: {ours.description}',
            f'{queries}, gallery {_range(ours.num_gallery)}, {trials}',
            format_grid([['', *METRIC_NAMES], *([row, *mean_cells(result)] for row, result in rows.items())]),
        ]
    )


def mean_cells(result: ProtocolResult) -> list[str]:
    """Each metric's mean in percent, with the standard deviation if there are several trials."""
    several = len(result.trials) > 1
    return [
        f'{100 * result.mean(metric):.2f}' + (f' ± {100 * result.std(metric):4.2f}' if several else '')
        for metric in METRIC_NAMES
    ]


def format_grid(lines: list[list[str]]) -> str:
    """Left-aligned labels in the first column, right-aligned figures in the others."""
    width = max(len(label) for label, *_ in lines) + 2
    return '\n'.join(f'{label:{width}}' + ''.join(f'{cell:>15}' for cell in cells) for label, *cells in lines)


def _range(counts: np.ndarray) -> str:
    low, high = counts.min(), counts.max()
    return str(low) if low == high else f'{low}-{high}'


def results_to_dict(results: Results, feature_set: FeatureSet) -> dict:
    """Everything needed to read a result years later.

    Args:
        results (dict): ``VIReIDMetric.protocol_results``.
        feature_set (FeatureSet): The evaluated images; its ``info`` is carried on.

    Returns:
        dict: JSON-ready: ``protocols`` (name -> row -> metrics, as fractions), ``data``, ``software`` and everything
        else that ``info`` holds.
    """
    source = dict(feature_set.info)
    data = source.pop('dataset', {})
    # Prefer the stored data, since the images may no longer be at hand; but rows may have been removed since.
    if not _count(feature_set).items() <= data.items() or 'fingerprint' not in data:
        data = dict(data, **describe_data(feature_set))
    return dict(protocols=protocols_to_dict(results), **source, data=data, software=software_versions())


def write_results(path: str | Path, results: Results, feature_set: FeatureSet) -> None:
    """Write :func:`results_to_dict` with a seal as a JSON file, and beside it the scores of each query, as ``.npz``."""
    write_query_scores(Path(path).with_suffix('.npz'), results, feature_set)
    write_json(path, sealed(results_to_dict(results, feature_set)))


def read_results(path: str | Path) -> dict:
    """Read what :func:`write_results` wrote.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not a result file.
    """
    path = Path(expand_home(path))
    if not path.is_file():
        raise FileNotFoundError(f'no result file at {path}: give the metrics.json that an evaluation wrote')
    try:
        content = read_json(path)
        content['data']['fingerprint']
        for rows in content['protocols'].values():
            for result in rows.values():
                dict(result['mean'])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        why = f'it lacks {error}' if isinstance(error, KeyError) else error
        raise ValueError(
            f'{path} is not a result file of haresreid ({why}); give the metrics.json that an evaluation wrote'
        ) from None
    return content


def describe_data(images) -> dict:
    """Describe the evaluated data: the numbers of ``images`` and ``identities``, and the ``fingerprint``."""
    return dict(_count(images), fingerprint=data_fingerprint(images))


def describe_checkpoint(checkpoint: str) -> dict:
    """The ``name`` of a checkpoint, without its folder, and for a local file the first 16 digits of its ``sha256``."""
    path = Path(expand_home(checkpoint))
    return dict(name=path.name, sha256=file_hash(path)) if path.is_file() else dict(name=path.name)


def _count(images) -> dict:
    return dict(
        images={modality.name.lower(): int((images.modalities == modality).sum()) for modality in Modality},
        identities=len(np.unique(images.pids)),
    )


def data_fingerprint(images) -> str:
    """SHA-256 over the test images' paths below their common folder, labels and file sizes, in any order.

    The same data set on another machine has the same fingerprint; a copy that lacks a folder does not. The size is -1
    if the file is not at hand, as for features computed elsewhere.
    """
    root = os.path.commonpath([os.path.dirname(path) for path in images.img_paths])
    sizes = [os.path.getsize(path) if os.path.isfile(path) else -1 for path in images.img_paths]
    lines = sorted(
        f'{os.path.relpath(path, root)}|{pid}|{camid}|{modality}|{size}'
        for path, pid, camid, modality, size in zip(
            images.img_paths, images.pids, images.camids, images.modalities, sizes
        )
    )
    return hashlib.sha256('\n'.join(lines).encode()).hexdigest()


def protocols_to_dict(results: Results) -> dict:
    """The metrics and counts, JSON-ready."""
    return {name: {row: _result_to_dict(result) for row, result in rows.items()} for name, rows in results.items()}


def _result_to_dict(result: ProtocolResult) -> dict:
    return dict(
        description=result.description,
        trials=list(result.trials),
        per_trial={metric: result.figures[metric].tolist() for metric in METRIC_NAMES},
        mean={metric: result.mean(metric) for metric in METRIC_NAMES},
        std={metric: result.std(metric) for metric in METRIC_NAMES},
        cmc=result.cmc.mean(axis=0).tolist(),
        num_queries=result.num_queries,
        num_valid=result.num_valid.tolist(),
        num_gallery=result.num_gallery.tolist(),
    )


def software_versions() -> dict[str, str]:
    """The versions of Python, haresreid and the packages of ``SOFTWARE`` that are installed."""
    versions = dict(python=platform.python_version(), haresreid=haresreid.__version__)
    for package in SOFTWARE:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions

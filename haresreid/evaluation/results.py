"""Results for people (a table) and for programs (JSON)."""

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path

import numpy as np

import haresreid
from haresreid.structures import Modality

from .evaluate import METRIC_NAMES, ProtocolResult
from .feature_set import FeatureSet

__all__ = ['data_fingerprint', 'format_results', 'results_to_dict', 'write_results']

# Protocol name -> row name ('ours', 'chance', 'hog', ...) -> result.
Results = dict[str, dict[str, ProtocolResult]]

SOFTWARE = ('numpy', 'torch', 'torchvision', 'mmengine', 'mmcv-lite', 'mmcv', 'mmpretrain', 'scikit-image')


def format_results(results: Results) -> str:
    """One block per protocol, one line per row, figures in percent as mean ± standard deviation over trials."""
    return '\n\n'.join(_format_protocol(name, rows) for name, rows in results.items())


def _format_protocol(name: str, rows: dict[str, ProtocolResult]) -> str:
    ours = next(iter(rows.values()))
    several = len(ours.trials) > 1
    lines = [f'{name}: {ours.num_queries} queries ({_range(ours.num_valid)} valid), gallery {_range(ours.num_gallery)}, '
             + (f'{len(ours.trials)} trials; percent, mean ± std over trials' if several else '1 trial; percent')]
    lines.append(f'{"":8}' + ''.join(f'{metric:>15}' for metric in METRIC_NAMES))
    for row, result in rows.items():
        cells = (f'{100 * result.mean(metric):.2f}' + (f' ± {100 * result.std(metric):4.2f}' if several else '')
                 for metric in METRIC_NAMES)
        lines.append(f'{row:8}' + ''.join(f'{cell:>15}' for cell in cells))
    return '\n'.join(lines)


def _range(counts: np.ndarray) -> str:
    low, high = counts.min(), counts.max()
    return str(low) if low == high else f'{low}-{high}'


def results_to_dict(results: Results,
                    feature_set: FeatureSet,
                    feature: str,
                    dataset: dict | None = None) -> dict:
    """Everything needed to read a result years later.

    Args:
        results (dict): ``VIReIDMetric.protocol_results``.
        feature_set (FeatureSet): The evaluated images.
        feature (str): Which feature it is, such as 'post_bn'.
        dataset (dict, optional): The data set's metainfo.

    Returns:
        dict: JSON-ready; figures are fractions.
    """
    modalities = feature_set.modalities
    return dict(
        protocols={name: {row: _result_to_dict(result) for row, result in rows.items()}
                   for name, rows in results.items()},
        feature=feature,
        data=dict(
            dataset or {},
            images={modality.name.lower(): int((modalities == modality).sum()) for modality in Modality},
            identities=len(np.unique(feature_set.pids)),
            fingerprint=data_fingerprint(feature_set)),
        software=_software())


def write_results(path: str | Path,
                  results: Results,
                  feature_set: FeatureSet,
                  feature: str,
                  dataset: dict | None = None) -> None:
    """Write :func:`results_to_dict` as a JSON file."""
    content = results_to_dict(results, feature_set, feature, dataset)
    Path(path).write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')


def data_fingerprint(images) -> str:
    """SHA-256 over the test images' paths below their common folder, labels and file sizes, whatever their order.

    The same data set on another machine has the same fingerprint; one with a folder less has not. Size is -1 where the
    file is not at hand, as for features computed elsewhere.
    """
    root = os.path.commonpath([os.path.dirname(path) for path in images.img_paths])
    lines = sorted(
        f'{os.path.relpath(path, root)}|{pid}|{camid}|{modality}|{os.path.getsize(path) if os.path.isfile(path) else -1}'
        for path, pid, camid, modality in zip(images.img_paths, images.pids, images.camids, images.modalities))
    return hashlib.sha256('\n'.join(lines).encode()).hexdigest()


def _result_to_dict(result: ProtocolResult) -> dict:
    return dict(
        trials=list(result.trials),
        per_trial={metric: result.figures[metric].tolist() for metric in METRIC_NAMES},
        mean={metric: result.mean(metric) for metric in METRIC_NAMES},
        std={metric: result.std(metric) for metric in METRIC_NAMES},
        cmc=result.cmc.mean(axis=0).tolist(),
        num_queries=result.num_queries,
        num_valid=result.num_valid.tolist(),
        num_gallery=result.num_gallery.tolist())


def _software() -> dict[str, str]:
    versions = dict(python=platform.python_version(), haresreid=haresreid.__version__)
    for package in SOFTWARE:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions

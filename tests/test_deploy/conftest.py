from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from haresreid.apis import TorchBackend
from haresreid.deploy.export import export_onnx, noise
from haresreid.deploy.reduction import Reduction, fit_reduction, training_features
from haresreid.structures import Modality


@dataclass
class EdgeExport:
    """A file for an edge device, and what its features should be."""

    file: Path
    reduction: Reduction
    difference: float
    expected: np.ndarray  # (4, 24) of four images of noise


@pytest.fixture(scope='session')
def edge(baseline, tmp_path_factory) -> EdgeExport:
    """The baseline as one image tensor in, 24 numbers out, for infrared images alone."""
    from haresreid.config.config import load_config

    backend = TorchBackend(baseline.model)
    reduction = fit_reduction(training_features(backend, *noise(40, (96, 48))), 24)
    file = tmp_path_factory.mktemp('edge') / 'edge.onnx'
    difference = export_onnx(
        baseline.model, load_config(baseline.config), baseline.weights, file, Modality.INFRARED, 'nchw', reduction
    )
    features = backend(noise(4, (96, 48))[0], np.ones(4, dtype=np.int64))
    projected = np.stack([[axis @ (row - reduction.mean) for axis in reduction.axes.T] for row in features])
    return EdgeExport(file, reduction, difference, projected / np.linalg.norm(projected, axis=1, keepdims=True))

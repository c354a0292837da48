"""Convolutions in 8-bit integers, by onnxruntime's static quantisation."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mmengine.config import Config

from haresreid.apis.onnx_backend import OnnxBackend
from haresreid.apis.onnx_metadata import arrange, record_precision
from haresreid.datasets import VIReIDDataset
from haresreid.files.files import written_whole
from haresreid.files.paths import expand_home
from haresreid.registry import DATASETS

from .fp16 import halve_weights

__all__ = ['calibration_images', 'decoded_dataset', 'quantize_int8']

BATCH_SIZE = 16


def calibration_images(cfg: Config, count: int) -> tuple[np.ndarray, np.ndarray]:
    """A fixed choice of training images, half of them of each modality.

    Args:
        cfg (Config): The images are those of its ``train_dataloader``.
        count (int): Number of images N, at most.

    Returns:
        tuple[np.ndarray, np.ndarray]: Images (N, H, W, 3) uint8 and modalities (N,).
    """
    dataset = decoded_dataset(cfg, 'train_dataloader')
    rng = np.random.default_rng(0)
    rows = [rng.permutation(np.flatnonzero(dataset.modalities == modality))[: count // 2] for modality in (0, 1)]
    rows = rng.permutation(np.concatenate(rows))  # so that no batch holds only one modality
    return np.stack([dataset[int(row)]['img'] for row in rows]), dataset.modalities[rows]


def decoded_dataset(cfg: Config, loader: str) -> VIReIDDataset:
    """A data set whose images are as an exported model takes them: decoded and resized, but not normalised.

    Args:
        cfg (Config): A config; the data set gets the first steps of its test pipeline.
        loader (str): The loader of the data set: 'train_dataloader' or 'test_dataloader'.
    """
    steps = cfg.test_dataloader.dataset.pipeline
    normalize = next(index for index, step in enumerate(steps) if 'mean' in step)
    return DATASETS.build(dict(cfg[loader].dataset, pipeline=steps[:normalize]))


def quantize_int8(source: str | Path, path: str | Path, images: np.ndarray, modalities: np.ndarray) -> None:
    """Write an exported file with its convolutions in int8, and its other weights in float16.

    The matrix products of the transformer encoders stay in float32: in int8 they were slower here, and the features
    deviated more. A convolution's weights are signed 7-bit integers with a scale for each output channel: CPUs without
    VNNI add products of two bytes in 16 bits, which 8-bit weights would overflow. Activations are unsigned, with one
    scale that covers their range on the given images.

    Args:
        source (str | Path): A file of :func:`export_onnx`.
        path (str | Path): The file to write.
        images (np.ndarray): (N, H, W, 3) uint8, a few hundred images like those that the model will see.
        modalities (np.ndarray): (N,).
    """
    import onnx
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    source = expand_home(source)
    with tempfile.TemporaryDirectory() as folder, written_whole(path) as part:
        prepared = Path(folder, 'prepared.onnx')
        quant_pre_process(source, prepared, skip_symbolic_shape=True)  # merges batch norms into their convolutions
        quantize_static(
            prepared,
            part,
            _Batches(OnnxBackend(source), images, modalities),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=['Conv'],
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        model = onnx.load(part)
        halve_weights(model)
        record_precision(model, 'int8')
        onnx.save(model, part)


class _Batches:
    """The images in batches, through the interface of onnxruntime's calibration."""

    def __init__(self, backend: OnnxBackend, images: np.ndarray, modalities: np.ndarray) -> None:
        self._feeds = self._generate(backend, images, modalities)

    @staticmethod
    def _generate(backend: OnnxBackend, images: np.ndarray, modalities: np.ndarray) -> Iterator[dict[str, np.ndarray]]:
        for start in range(0, len(images), BATCH_SIZE):
            rows = slice(start, start + BATCH_SIZE)
            feed = dict(images=arrange(images[rows], backend.layout), modalities=modalities[rows])
            yield {name: feed[name] for name in backend.inputs}

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._feeds, None)

"""From a trained model to an ONNX file that gives the same features."""

import json
from pathlib import Path

import numpy as np
import torch
from mmengine.config import Config

import haresreid
from haresreid.apis import Backend, TorchBackend
from haresreid.apis.onnx_backend import OnnxBackend
from haresreid.apis.onnx_metadata import KEY, arrange
from haresreid.config.config import config_hash
from haresreid.evaluation.results import describe_checkpoint
from haresreid.files.extras import require_extra
from haresreid.files.files import written_whole
from haresreid.models import VIReID
from haresreid.structures import Modality

from .deployed_model import DeployedModel
from .reduction import Reduction

__all__ = ['OPSET', 'TOLERANCE', 'difference_on_noise', 'export_onnx', 'largest_difference', 'noise']

OPSET = 18
# Of a feature of norm 1; float32 differs by 1e-6 at most when its sums are in another order.
TOLERANCE = 1e-4


def export_onnx(
    model: VIReID,
    cfg: Config,
    checkpoint: str,
    path: str | Path,
    modality: Modality | None = None,
    layout: str = 'nhwc',
    reduction: Reduction | None = None,
) -> float:
    """Write a model as an ONNX file with dynamic batch, and compare the file with the model.

    The input ``images`` is (B, H, W, 3) uint8 RGB, or (B, 3, H, W) float32 from 0 to 255 in the layout 'nchw'. The
    input ``modalities``, (B,) int64, exists only for models with modality-specific parts, if no modality is fixed. The
    output ``features`` is (B, D) float32, L2-normalised. The metadata record what the file
    was made from.

    Args:
        model (VIReID): From :func:`haresreid.apis.get_model`, on the CPU.
        cfg (Config): Its config, for the metadata.
        checkpoint (str): Where its weights come from, for the metadata.
        path (str | Path): The file to write. Nothing is left there if the export fails.
        modality (Modality, optional): Of every image. Defaults to None: any.
        layout (str): 'nhwc' or 'nchw'. Defaults to 'nhwc'.
        reduction (Reduction, optional): Makes the feature shorter. Defaults to None.

    Returns:
        float: The largest absolute difference between features of file and model, on noise, one and five at a time.

    Raises:
        ValueError: If the model cannot be exported, or the difference exceeds ``TOLERANCE``.
    """
    for package in ('onnx', 'onnxscript', 'onnxruntime'):
        require_extra(package, 'deploy')
    import onnxscript.optimizer
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    deployed = DeployedModel(model, modality, layout, reduction).eval()
    names = ['images', 'modalities'] if deployed.needs_modalities else ['images']
    images, modalities = noise(2, model.image_size)
    example = torch.from_numpy(arrange(images, layout)), torch.from_numpy(modalities)
    # optimize=False: the exporter's optimiser would drop the 1e-12 in x + 1e-12, as in GeM, as if it were zero
    program = torch.onnx.export(
        deployed,
        example[: len(names)],
        input_names=names,
        output_names=['features'],
        dynamic_shapes={name: {0: torch.export.Dim('batch')} for name in names},
        opset_version=OPSET,
        dynamo=True,
        optimize=False,
        verbose=False,
    )
    onnxscript.optimizer.fold_constants(program.model)
    onnxscript.optimizer.remove_unused_nodes(program.model)
    ClearMetadataAndDocStringPass()(program.model)  # the exporter's notes of the source lines, with their paths
    program.model.metadata_props[KEY] = json.dumps(_metadata(deployed, cfg, checkpoint))
    with written_whole(path) as part:
        program.save(part, external_data=False)
        difference = difference_on_noise(model, OnnxBackend(part), modality, reduction)
        if not difference <= TOLERANCE:
            raise ValueError(
                f'the exported file gives other features than the model: they differ by {difference:.1e}, '
                f'more than {TOLERANCE:.0e}; no file was left'
            )
    return difference


def difference_on_noise(
    model: VIReID, backend: Backend, modality: Modality | None = None, reduction: Reduction | None = None
) -> float:
    """The largest absolute difference between features of a file and of its model, one and five images at a time.

    Args:
        model (VIReID): The model, on the CPU.
        backend (Backend): Runs the file.
        modality (Modality, optional): Of all images, if the file has one. Defaults to None.
        reduction (Reduction, optional): That the file ends with. Defaults to None.
    """
    differences = []
    for count in (1, 5):
        images, modalities = noise(count, model.image_size)
        modalities = modalities if modality is None else np.full_like(modalities, modality)
        expected = TorchBackend(model)(images, modalities)
        expected = expected if reduction is None else reduction(expected)
        differences.append(np.abs(backend(images, modalities) - expected).max())
    return float(max(differences))


def largest_difference(one: Backend, other: Backend, images: np.ndarray, modalities: np.ndarray) -> float:
    """The largest absolute difference between the features that two backends give for the same images."""
    return float(np.abs(one(images, modalities) - other(images, modalities)).max())


def noise(count: int, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Random images with alternating modalities, as a backend takes them.

    Args:
        count (int): B.
        size (tuple[int, int]): (H, W).
    """
    images = np.random.default_rng(count).integers(0, 256, (count, *size, 3), dtype=np.uint8)
    return images, np.arange(count) % 2


def _metadata(deployed: DeployedModel, cfg: Config, checkpoint: str) -> dict:
    model = deployed.model
    return dict(
        image_size=list(model.image_size),
        resize='pillow lanczos',
        mean=deployed.pixel_mean.flatten().tolist(),
        std=deployed.pixel_std.flatten().tolist(),
        zero_pad=deployed.zero_pad,
        thermal_range=deployed.thermal_range,
        feature=model.head.test_feature,
        flip=model.flip_test,
        modality=None if deployed.modality is None else deployed.modality.name.lower(),
        layout=deployed.layout,
        reduced=deployed.reduced,
        precision='fp32',
        config=dict(name=Path(cfg.filename).stem, hash=config_hash(cfg)),
        checkpoint=describe_checkpoint(checkpoint),
        version=haresreid.__version__,
    )

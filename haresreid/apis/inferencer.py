"""From images to features to ranked lists in three lines, with PyTorch or only an exported model."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from haresreid.files.images import GREY, colourfulness
from haresreid.files.paths import expand_home
from haresreid.structures import Features, Modality

from .backend import Backend
from .inputs import Boxes, open_images
from .model_names import find_config, find_trained
from .ranking import Ranking, rank_features

__all__ = ['VIReIDInferencer', 'guess_modality']

Named = str | Modality | int


class VIReIDInferencer:
    r"""Extracts features of any images, and ranks a gallery by them.

    Args:
        model (str | Path | Backend): One of :func:`list_models`, the path of a config, the path of an exported
            ``.onnx`` file (which does not need PyTorch), or a backend.
        weights (str | Path, optional): A .pth or .safetensors file that was trained with the config. Defaults to None,
            the weights that come with haresreid, which few models have.
        device (str, optional): Device of a PyTorch model. Defaults to None: the GPU, if there is one.
        batch_size (int): Images per forward pass. Defaults to 32.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If no model has this name, or its weights do not exist or are of another architecture.

    Examples:
        >>> inferencer = VIReIDInferencer('haresformer_synth')
        >>> ranking = inferencer.rank('night/', 'day/', top=3)
        >>> print(*ranking, sep='\\n')
    """

    def __init__(
        self,
        model: str | Path | Backend,
        weights: str | Path | None = None,
        device: str | None = None,
        batch_size: int = 32,
    ) -> None:
        if batch_size < 1:
            raise ValueError(f'batch_size must be 1 or more, not {batch_size}.')
        self.backend = _open_backend(str(model), weights, device) if isinstance(model, (str, Path)) else model
        self.thermal_range = getattr(self.backend, 'thermal_range', None)
        self.batch_size = batch_size

    def __call__(
        self,
        inputs: Any,
        modality: Named | Sequence[Named] | None = None,
        boxes: Boxes | None = None,
        progress: bool = True,
        unreadable: str = 'raise',
    ) -> Features:
        """Features of images, in the order given.

        Args:
            inputs: A path; a folder, whose images and those of its subfolders are taken, sorted by path; an array
                (H, W, 3) uint8 RGB; a list of these; or, with ``boxes``, the path of a video.
            modality (str | Modality | Sequence, optional): 'visible' or 'infrared', one for all or one for each image.
                Defaults to None: it is guessed for each image, infrared if the image has no colour, with a warning.
            boxes (Mapping | VideoBoxes | str | Path, optional): The people of a video, ``{frame: [(x1, y1, x2, y2),
                ...]}``, frames counted from 0, corners in pixels; or a CSV, MOT or CVAT file, see
                :func:`haresreid.video.box_files.read_boxes`. Defaults to None.
            progress (bool): Show a progress bar if tqdm is installed and there is more than one batch.
                Defaults to True.
            unreadable (str): 'raise' makes an image that cannot be decoded an error; 'skip' leaves such images out, and
                a warning names them. Defaults to 'raise'.

        Raises:
            FileNotFoundError: If a path does not exist, or a folder holds no image.
            ValueError: If an argument does not fit, an image cannot be decoded, or features are not finite.
        """
        if unreadable not in ('raise', 'skip'):
            raise ValueError(f"unreadable must be 'raise' or 'skip', not {unreadable!r}.")
        images = open_images(inputs, boxes, self.thermal_range)
        given = _modalities(modality, len(images.names))
        features, modalities, kept, bad = [], [], [], []
        for rows in _batches(len(images.names), self.batch_size, progress):
            batch = [(row, next(images.pixels)) for row in rows]
            errors = [pixels for _, pixels in batch if isinstance(pixels, ValueError)]
            if errors and unreadable == 'raise':
                raise ValueError(f'{errors[0]}; replace the file or leave it out.')
            bad += errors
            batch = [(row, pixels) for row, pixels in batch if not isinstance(pixels, ValueError)]
            if batch:
                kept += [row for row, _ in batch]
                modalities += [guess_modality(pixels) if given is None else given[row] for row, pixels in batch]
                features.append(self._extract([pixels for _, pixels in batch], modalities[-len(batch) :]))
        if bad:
            warnings.warn(
                f'{len(bad)} of {len(images.names)} images are left out: {"; ".join(map(str, bad[:10]))}'
                f'{"; ..." if len(bad) > 10 else ""}',
                stacklevel=2,
            )
        if not kept:
            raise ValueError(f'None of the {len(images.names)} images can be decoded: {bad[0]}')
        if given is None:
            counts = ' and '.join(f'{modalities.count(kind)} {kind.name.lower()}' for kind in Modality)
            warnings.warn(
                f'No modality was given. Guessed by colour: {counts}. Say which they are if that is wrong, as it is '
                'of grey photographs and of thermal pictures in false colours.',
                stacklevel=2,
            )
        return Features(np.concatenate(features), [images.names[row] for row in kept], np.array(modalities))

    def rank(self, query: Any, gallery: Any, top: int = 10) -> Ranking:
        """The gallery images that are most similar to each query.

        Args:
            query: :class:`Features`, or what :meth:`__call__` takes.
            gallery: The same.
            top (int): Gallery matches for each query. Defaults to 10.
        """
        query, gallery = (item if isinstance(item, Features) else self(item) for item in (query, gallery))
        return rank_features(query, gallery, top)

    def _extract(self, images: list[np.ndarray], modalities: list[Modality]) -> np.ndarray:
        height, width = self.backend.image_size
        # Pillow's Lanczos filter, as in every published protocol; it only copies an image that already has the size
        resized = [Image.fromarray(image).resize((width, height), Image.Resampling.LANCZOS) for image in images]
        features = self.backend(
            np.stack([np.asarray(image) for image in resized]), np.array(modalities, dtype=np.int64)
        )
        if not np.isfinite(features).all():
            raise ValueError(
                "The model's features are no numbers (NaN or infinite): its weights are damaged, or those of another "
                'model.'
            )
        return features


def guess_modality(image: np.ndarray) -> Modality:
    """Guess infrared if the three channels are equal, or nearly equal as after compression; otherwise visible.

    Args:
        image (np.ndarray): (H, W, 3) uint8 RGB.
    """
    return Modality.INFRARED if colourfulness(image) <= GREY else Modality.VISIBLE


def _modalities(modality: Named | Sequence[Named] | None, number: int) -> list[Modality] | None:
    """One modality for each image, or None if they are to be guessed."""
    if modality is None:
        return None
    if isinstance(modality, (str, int)):
        return [_modality(modality)] * number
    if len(modality) != number:
        raise ValueError(f'{len(modality)} modalities are given for {number} images: give one for each or one for all.')
    return [_modality(name) for name in modality]


def _modality(name: Named) -> Modality:
    try:
        return Modality[name.upper()] if isinstance(name, str) else Modality(name)
    except (KeyError, ValueError):
        raise ValueError(f"modality must be 'visible' or 'infrared', not {name!r}.") from None


def _open_backend(model: str, weights: str | Path | None, device: str | None) -> Backend:
    model = expand_home(model)
    if model.endswith('.onnx'):
        if weights is not None:
            raise ValueError(f'{model} holds its own weights, and {weights} is given beside it.')
        if device not in (None, 'cpu'):
            raise ValueError(f'{model} runs on the CPU, and the device {device!r} is asked for.')
        from .onnx_backend import OnnxBackend

        return OnnxBackend(model)
    # report a wrong name or path before importing PyTorch
    config, weights = find_trained(model) if weights is None else (find_config(model), weights)
    try:
        from mmengine.device import get_device

        from .inference import get_model
        from .torch_backend import TorchBackend
    except ModuleNotFoundError as error:
        raise ValueError(
            f'{model} runs in PyTorch, and the package {error.name!r} is not installed: install '
            'haresreid with what it requires, or give an exported .onnx file'
        ) from error
    return TorchBackend(get_model(str(config), str(weights), device or get_device()))


def _batches(number: int, size: int, progress: bool) -> Iterator[range]:
    batches = [range(start, min(start + size, number)) for start in range(0, number, size)]
    try:
        from tqdm import tqdm
    except ImportError:  # an exported model runs without it
        return iter(batches)
    return iter(tqdm(batches, desc='features', unit='batch', disable=not progress or len(batches) == 1))

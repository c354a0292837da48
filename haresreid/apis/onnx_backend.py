"""Features from an exported file, with only NumPy and onnxruntime: this module imports neither torch nor MMEngine."""

import json
from pathlib import Path

import numpy as np

from haresreid.choices import MODALITIES
from haresreid.files.extras import require_extra
from haresreid.files.paths import expand_home

from .onnx_metadata import KEY, arrange

__all__ = ['OnnxBackend']


class OnnxBackend:
    """A file of :func:`haresreid.deploy.export.export_onnx`, ready to run on the CPU.

    Args:
        path (str | Path): The .onnx file.
        num_threads (int, optional): Threads that one call uses. Defaults to None: one per core.

    Attributes:
        image_size (tuple[int, int]): (H, W) of the images that it takes.
        feature_dim (int): D.
        thermal_range (list[float], optional): See :class:`haresreid.apis.Backend`.
        layout (str): 'nhwc', or 'nchw' for a file that takes the latter; a call takes (B, H, W, 3) all the same.
        inputs (list[str]): The inputs that the model takes: 'images', and 'modalities' if it has modality-specific
            parts.
        metadata (dict): What the export recorded: ``config``, ``checkpoint``, ``feature``, ``precision`` and so on.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not such an export, or onnxruntime is not installed.
    """

    def __init__(self, path: str | Path, num_threads: int | None = None) -> None:
        require_extra('onnxruntime', 'deploy')
        import onnxruntime

        path = Path(expand_home(path))
        if not path.is_file():
            raise FileNotFoundError(f'no exported model at {path}: write one with haresreid export')
        options = onnxruntime.SessionOptions()
        if num_threads is not None:
            options.intra_op_num_threads = num_threads
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=['CPUExecutionProvider'])
            self.metadata = json.loads(self._session.get_modelmeta().custom_metadata_map[KEY])
            self.image_size: tuple[int, int] = tuple(self.metadata['image_size'])
        except Exception as error:  # onnxruntime's errors have no common base class
            raise ValueError(
                f'{path} is not a model file that haresreid export wrote ({type(error).__name__}: '
                f'{" ".join(str(error).split())}); export the checkpoint again'
            ) from error
        self.thermal_range = self.metadata.get('thermal_range')  # missing in older files, as are the next two
        self.layout: str = self.metadata.get('layout', 'nhwc')
        self._modality = self.metadata.get('modality')
        self.feature_dim: int = self._session.get_outputs()[0].shape[1]
        self.inputs = [item.name for item in self._session.get_inputs()]

    def __call__(self, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        """L2-normalised features.

        Args:
            images (np.ndarray): (B, H, W, 3) uint8 RGB of ``image_size``, resized with Pillow's Lanczos filter.
            modalities (np.ndarray): (B,) int64, 0 for visible and 1 for infrared.

        Returns:
            np.ndarray: (B, D) float32.

        Raises:
            ValueError: If images have another shape or type, there is not one modality per image, or the file is for
                images of one modality and there are others.
        """
        if images.dtype != np.uint8 or images.shape[1:] != (*self.image_size, 3):
            raise ValueError(
                f'the images must be (B, {self.image_size[0]}, {self.image_size[1]}, 3) uint8, not '
                f'{images.shape} {images.dtype}: resize them and leave them in bytes'
            )
        if modalities.shape != images.shape[:1] or not np.isin(modalities, (0, 1)).all():
            raise ValueError(
                f'there must be one modality for each of the {len(images)} images, 0 (visible) or 1 '
                f'(infrared), not {modalities!r}'
            )
        if self._modality and (modalities != MODALITIES.index(self._modality)).any():
            raise ValueError(f'this file was exported for {self._modality} images, and others are given')
        feed = dict(images=arrange(images, self.layout), modalities=modalities.astype(np.int64))
        return self._session.run(None, {name: feed[name] for name in self.inputs})[0]  # (B, D)

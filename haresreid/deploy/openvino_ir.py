"""OpenVINO's form of an exported file, and a backend that runs it."""

import json
from pathlib import Path

import numpy as np

from haresreid.apis.onnx_backend import OnnxBackend
from haresreid.apis.onnx_metadata import KEY, arrange
from haresreid.files.extras import require_extra
from haresreid.files.files import written_whole

__all__ = ['OpenVinoBackend', 'to_openvino']


def to_openvino(source: str | Path, path: str | Path) -> None:
    """Write an exported file as OpenVINO IR, with weights in float32.

    Args:
        source (str | Path): A file of :func:`haresreid.deploy.export.export_onnx`.
        path (str | Path): The ``.xml`` file to write; the weights go to a ``.bin`` file beside it.

    Raises:
        ValueError: If OpenVINO is not installed.
    """
    require_extra('openvino', 'openvino')
    import openvino

    model = openvino.Core().read_model(source)
    model.set_rt_info(json.dumps(OnnxBackend(source).metadata), KEY)
    weights = Path(path).with_suffix('.bin')
    with written_whole(path) as part, written_whole(weights) as weights_part:
        openvino.serialize(model, part, weights_part)


class OpenVinoBackend:
    """A file of :func:`to_openvino`, ready to run on the CPU in float32.

    Args:
        path (str | Path): The ``.xml`` file.
        num_threads (int, optional): Threads that one call uses. Defaults to None: OpenVINO decides.

    Attributes:
        image_size (tuple[int, int]): (H, W) of the images that it takes.
        metadata (dict): What the export recorded.

    Raises:
        ValueError: If OpenVINO is not installed, or the file is not such an export.
    """

    def __init__(self, path: str | Path, num_threads: int | None = None) -> None:
        require_extra('openvino', 'openvino')
        import openvino

        core = openvino.Core()
        model = core.read_model(path)
        if not model.has_rt_info(KEY):
            raise ValueError(f'{path} is no file that haresreid export wrote: export the checkpoint again')
        self.metadata = json.loads(model.get_rt_info(KEY).astype(str))
        self.image_size: tuple[int, int] = tuple(self.metadata['image_size'])
        self.feature_dim: int = model.outputs[0].get_partial_shape()[1].get_length()
        self.thermal_range = self.metadata['thermal_range']
        options: dict[str, str | int] = dict(INFERENCE_PRECISION_HINT='f32')  # some CPUs would compute in bfloat16
        if num_threads is not None:
            options.update(INFERENCE_NUM_THREADS=num_threads)
        self._compiled = core.compile_model(model, 'CPU', options)
        self._inputs = [port.any_name for port in self._compiled.inputs]

    def __call__(self, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        """L2-normalised features (B, D) of (B, H, W, 3) uint8 images and (B,) modalities."""
        feed = dict(images=arrange(images, self.metadata['layout']), modalities=modalities.astype(np.int64))
        return self._compiled({name: feed[name] for name in self._inputs})[0]

"""A detector in an ONNX file, in one of the three layouts that exporters write."""

from pathlib import Path

import numpy as np
from PIL import Image

from haresreid.files.extras import require_extra
from haresreid.files.files import file_hash
from haresreid.files.paths import expand_home

__all__ = ['OnnxDetector']

GREY = 114  # around an image that has not the shape of the input
OVERLAP = 0.7  # IoU of two boxes of one person, where the network leaves duplicates to us


class OnnxDetector:
    """A detector with one image as input, (1, 3, H, W) RGB in 0..1, and outputs in one of three layouts.

    - ``boxes``, ``labels``, ``scores`` by these names, as torchvision exports its models: person is label 1;
    - (1, N, 6): x1, y1, x2, y2, score, class, as end-to-end models of the YOLO family have: person is class 0;
    - (1, 4 + C, N): centre x, centre y, width, height and C scores, as those without duplicate removal have.

    An input of a fixed size gets the frame in its proportions, with grey around it.

    Args:
        path (str | Path): The file.
        threshold (float): The least score. Defaults to 0.3.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it cannot be run or has other inputs or outputs.
    """

    def __init__(self, path: str | Path, threshold: float = 0.3) -> None:
        require_extra('onnxruntime', 'deploy')
        import onnxruntime

        path = expand_home(path)
        if not Path(path).is_file():
            raise FileNotFoundError(f'there is no detector {path}')
        try:
            self._session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
        except Exception as error:  # onnxruntime's errors have no common base class
            raise ValueError(f'{path} cannot be run: {" ".join(str(error).split())}') from error
        self.name = f'{Path(path).name} {file_hash(path)}'
        self.threshold = threshold
        inputs, self._outputs = self._session.get_inputs(), [output.name for output in self._session.get_outputs()]
        shape = inputs[0].shape
        if len(inputs) != 1 or inputs[0].type != 'tensor(float)' or len(shape) not in (3, 4) or shape[-3] != 3:
            raise ValueError(f'{path} takes {[(item.name, item.shape, item.type) for item in inputs]}: {SHAPES}')
        self._input, self._batched = inputs[0].name, len(shape) == 4
        fixed = all(isinstance(side, int) for side in shape[-2:])
        self._size = (shape[-2], shape[-1]) if fixed else None

    def __call__(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        image, scale = self._fitted(pixels)
        image = image.transpose(2, 0, 1).astype(np.float32) / 255  # (3, H, W)
        outputs = self._session.run(None, {self._input: image[None] if self._batched else image})
        corners, scores = self._people(dict(zip(self._outputs, outputs)))
        kept = scores >= self.threshold
        return corners[kept].astype(np.float64) / scale, scores[kept].astype(np.float64)

    def _fitted(self, pixels: np.ndarray) -> tuple[np.ndarray, float]:
        """The frame at the top left of an image of the input's size, and the scale."""
        if self._size is None:
            return pixels, 1.0
        height, width = self._size
        scale = min(height / pixels.shape[0], width / pixels.shape[1])
        size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
        canvas = np.full((height, width, 3), GREY, np.uint8)
        canvas[: size[1], : size[0]] = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
        return canvas, scale

    def _people(self, outputs: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """(n, 4) corners and (n,) scores, in pixels of the input."""
        if {'boxes', 'labels', 'scores'} <= set(outputs):
            people = outputs['labels'].ravel() == 1
            return outputs['boxes'].reshape(-1, 4)[people], outputs['scores'].ravel()[people]
        rows = next(iter(outputs.values()))
        if len(outputs) == 1 and rows.ndim == 3 and rows.shape[2] == 6:
            rows = rows[0][rows[0][:, 5] == 0]  # (n, 6)
            return rows[:, :4], rows[:, 4]
        if len(outputs) == 1 and rows.ndim == 3 and rows.shape[1] >= 5:
            return self._without_duplicates(rows[0].T)
        raise ValueError(f'{self.name} gives {[(name, output.shape) for name, output in outputs.items()]}: {SHAPES}')

    def _without_duplicates(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import cv2

        rows = rows[rows[:, 4:].argmax(axis=1) == 0]  # (n, 4 + C) whose best class is the person
        centre, size, scores = rows[:, :2], rows[:, 2:4], rows[:, 4]
        boxes = np.hstack([centre - size / 2, size])  # x1, y1, width, height
        kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), self.threshold, OVERLAP), dtype=int).ravel()
        return np.hstack([centre - size / 2, centre + size / 2])[kept], scores[kept]


SHAPES = (
    'a detector takes one image (1, 3, H, W) and gives boxes, labels, scores, or (1, N, 6), or (1, 4 + classes, N); '
    'export it so, or give its boxes as a file'
)

"""The description inside an exported file: a JSON object under one key of the file's metadata."""

import json

import numpy as np

__all__ = ['KEY', 'arrange', 'record_precision']

KEY = 'haresreid'


def record_precision(model, precision: str) -> None:
    """Change the precision that a file's metadata record.

    Args:
        model (onnx.ModelProto): Changed in place.
        precision (str): 'fp16' or 'int8'.
    """
    entry = next(entry for entry in model.metadata_props if entry.key == KEY)
    entry.value = json.dumps(dict(json.loads(entry.value), precision=precision))


def arrange(images: np.ndarray, layout: str) -> np.ndarray:
    """Images as a file of that layout takes them.

    Args:
        images (np.ndarray): (B, H, W, 3) uint8.
        layout (str): 'nhwc' leaves them as they are; 'nchw' gives (B, 3, H, W) float32 from 0 to 255.
    """
    return images if layout == 'nhwc' else np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32)

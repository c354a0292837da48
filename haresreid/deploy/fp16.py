"""Weights in half precision."""

from pathlib import Path

import numpy as np

from haresreid.apis.onnx_metadata import record_precision
from haresreid.files.files import written_whole
from haresreid.files.paths import expand_home

__all__ = ['halve_weights', 'to_fp16']


def to_fp16(source: str | Path, path: str | Path) -> None:
    """Write an exported file with weights in float16: half as large and equally fast, as the arithmetic stays float32.

    Args:
        source (str | Path): A file of :func:`haresreid.deploy.export.export_onnx`.
        path (str | Path): The file to write.
    """
    import onnx

    model = onnx.load(expand_home(source))
    halve_weights(model)
    record_precision(model, 'fp16')
    with written_whole(path) as part:
        onnx.save(model, part)


def halve_weights(model) -> None:
    """Store kernels and matrices as float16, each followed by a cast that a runtime computes once, on loading.

    float16 arithmetic would gain nothing on a CPU, which casts around every operation, and would lose precision in sums
    and powers; runtimes on a GPU choose their arithmetic themselves. Vectors, such as biases and scales, are not
    changed.

    Args:
        model (onnx.ModelProto): Changed in place.
    """
    import onnx

    casts = []
    for tensor in model.graph.initializer:
        weights = onnx.numpy_helper.to_array(tensor)
        if weights.dtype == np.float32 and weights.ndim > 1:
            name, half = tensor.name, f'{tensor.name}_fp16'
            tensor.CopyFrom(onnx.numpy_helper.from_array(weights.astype(np.float16), half))
            casts.append(onnx.helper.make_node('Cast', [half], [name], to=onnx.TensorProto.FLOAT))
    for position, cast in enumerate(casts):
        model.graph.node.insert(position, cast)

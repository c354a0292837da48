"""The description inside an exported file: a JSON object under one key of the file's metadata."""

import json

__all__ = ['KEY', 'record_precision']

KEY = 'haresreid'


def record_precision(model, precision: str) -> None:
    """Change the precision that a file's metadata record.

    Args:
        model (onnx.ModelProto): Changed in place.
        precision (str): 'fp16' or 'int8'.
    """
    entry = next(entry for entry in model.metadata_props if entry.key == KEY)
    entry.value = json.dumps(dict(json.loads(entry.value), precision=precision))

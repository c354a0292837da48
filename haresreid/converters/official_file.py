"""Reading a checkpoint of other code without executing anything in it."""

import _codecs
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from haresreid.compat.mmengine_shims import load_from_local
from haresreid.files.checkpoint_file import unwrapped

__all__ = ['read_weights']

# Besides the weights, such files hold metrics (acc, mAP) as NumPy scalars. This therefore allows the scalars'
# constructor, under its names in NumPy 1 and 2, and what it is called with.
_SCALAR = np.float64(0).__reduce__()[0]
NUMPY_SCALARS = [
    (_SCALAR, 'numpy.core.multiarray.scalar'),
    (_SCALAR, 'numpy._core.multiarray.scalar'),
    np.dtype,
    *(type(np.dtype(kind)) for kind in ('f4', 'f8', 'i4', 'i8')),
    _codecs.encode,
]


def read_weights(path: str | Path) -> dict[str, Tensor]:
    """Read the state dict of a file: its whole content, or its ``net`` or ``state_dict``; names are :func:`unwrapped`.

    Args:
        path (str | Path): A ``.t`` or ``.pth`` file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, holds objects that could execute code, or holds no state dict.
    """
    with torch.serialization.safe_globals(NUMPY_SCALARS):
        content = load_from_local(str(path), map_location='cpu')
    if isinstance(content, dict):
        content = content.get('net', content.get('state_dict', content))
    if not isinstance(content, dict) or not content or not all(isinstance(value, Tensor) for value in content.values()):
        raise ValueError(f'{path} holds no state dict, neither as a whole nor as its "net" or "state_dict"')
    return unwrapped(content)

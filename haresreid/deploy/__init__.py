"""A trained model as a file for other programs. Only the backend is imported here: running a file needs no torch.

Writing one does: :mod:`haresreid.deploy.export`, :mod:`haresreid.deploy.fp16`, :mod:`haresreid.deploy.int8`.
"""

from .onnx_backend import OnnxBackend

__all__ = ['OnnxBackend']

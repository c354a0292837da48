"""Warnings of dependencies that do not concern a user, each with the reason why it can be ignored."""

import re
import warnings

__all__ = ['is_harmless', 'silence_harmless_warnings']

# the beginning of a message, as a regular expression -> why it can be ignored
HARMLESS = {
    'Fail to import ``MultiScaleDeformableAttention``': 'mmcv-lite has no such operator, and nothing here uses it',
    '"FileClient" will be deprecated': "MMEngine's own checkpoint hook calls it",
    r'Setting (OMP|MKL)_NUM_THREADS environment variable': 'one thread for each of several processes',
    '`broadcast_buffers` is deprecated': "MMEngine's wrapper of a model passes it on",
    'Grad strides do not match bucket view strides': 'of 1 x 1 convolutions; it says itself that it is no error',
    '.*axis name: batch will not be used': 'both inputs of an exported model share that axis',
    '"HardDiskBackend" is the alias': "MMEngine's own checkpoint hook calls it",
    r'Detected call of `scheduler\.step\(\)` before': 'an optimizer that takes no step in a warm-up keeps its schedule',
    r'\S*bnneck\.bias is skipped since its requires_grad=False': 'a BNNeck has its bias fixed at 0',
}


def silence_harmless_warnings() -> None:
    """Suppress those of these warnings that go through Python's ``warnings``."""
    for message in HARMLESS:
        warnings.filterwarnings('ignore', message=message)


def is_harmless(message: str) -> bool:
    """Whether a logged message is one of these warnings."""
    return any(re.match(pattern, message) for pattern in HARMLESS)

"""The evaluation protocols: they draw indices and state rules, and never touch a feature."""

from haresreid.catalogue import PROTOCOL_NAMES

from .by_name import protocol_by_name
from .cross_modal import CrossModalProtocol
from .fixed_gallery import FixedGallery
from .llcm import LLCMProtocol
from .mixed_gallery import MixedGalleryProtocol
from .regdb import RegDBProtocol
from .sysu import SYSUProtocol

__all__ = [
    'PROTOCOL_NAMES',
    'CrossModalProtocol',
    'FixedGallery',
    'LLCMProtocol',
    'MixedGalleryProtocol',
    'RegDBProtocol',
    'SYSUProtocol',
    'protocol_by_name',
]

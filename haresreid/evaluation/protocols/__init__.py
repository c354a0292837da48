"""The evaluation protocols: they draw indices and state rules, and never touch a feature."""

from haresreid.catalogue import PROTOCOL_NAMES

from .bupt import BUPTProtocol
from .by_name import protocol_by_name
from .cross_modal import CrossModalProtocol
from .fixed_gallery import FixedGallery
from .llcm import LLCMProtocol
from .mixed_gallery import MixedGalleryProtocol
from .regdb import RegDBProtocol
from .sysu import SYSUProtocol
from .vcm import VCMProtocol

__all__ = [
    'PROTOCOL_NAMES',
    'BUPTProtocol',
    'CrossModalProtocol',
    'FixedGallery',
    'LLCMProtocol',
    'MixedGalleryProtocol',
    'RegDBProtocol',
    'SYSUProtocol',
    'VCMProtocol',
    'protocol_by_name',
]

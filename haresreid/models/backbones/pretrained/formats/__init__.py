"""What the sources of pretrained weights call them, a table for each."""

from .clip import CLIP_RESNET, CLIP_VIT
from .dinov2 import DINOV2
from .efficientnet_lite0 import EFFICIENTNET_LITE0
from .osnet import OSNET
from .resnet import MOCO, TORCHVISION
from .swin import SOLIDER, SWIN, TIMM_SWIN
from .timm import TIMM
from .transreid_ssl import TRANSREID_SSL

__all__ = [
    'CLIP_RESNET',
    'CLIP_VIT',
    'DINOV2',
    'EFFICIENTNET_LITE0',
    'MOCO',
    'OSNET',
    'SOLIDER',
    'SWIN',
    'TIMM',
    'TIMM_SWIN',
    'TORCHVISION',
    'TRANSREID_SSL',
]

"""Image transforms that MMCV and MMPretrain do not have, or run slowly."""

from .aug_mix import AugMix
from .by_role import ByRole
from .corrupt import Corrupt
from .lanczos_resize import LanczosResize
from .load_reid_image import LoadReIDImage
from .pack_reid_inputs import PackReIDInputs
from .planar_normalize import PlanarNormalize
from .random_channel_exchange import RandomChannelExchange
from .random_crop import RandomCrop
from .random_erasing import RandomErasing
from .random_flip import RandomFlip
from .random_gamma import RandomGamma
from .random_gaussian_blur import RandomGaussianBlur
from .random_intensity_curve import RandomIntensityCurve
from .visible_random_channel_mix import VisibleRandomChannelMix
from .visible_random_grayscale import VisibleRandomGrayscale
from .visible_views import VisibleViews
from .zero_pad_channels import ZeroPadChannels

__all__ = [
    'AugMix',
    'ByRole',
    'Corrupt',
    'LanczosResize',
    'LoadReIDImage',
    'PackReIDInputs',
    'PlanarNormalize',
    'RandomChannelExchange',
    'RandomCrop',
    'RandomErasing',
    'RandomFlip',
    'RandomGamma',
    'RandomGaussianBlur',
    'RandomIntensityCurve',
    'VisibleRandomChannelMix',
    'VisibleRandomGrayscale',
    'VisibleViews',
    'ZeroPadChannels',
]

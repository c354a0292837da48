"""Data sets, samplers and transforms."""

from .bupt_campus import BUPTCampus
from .hitsz_vcm import HITSZVCM
from .joint import JointDataset
from .llcm import LLCM
from .manifest import ManifestDataset
from .regdb import RegDB
from .samplers import (
    AlternatingIdentitySampler,
    BalancedIdentitySampler,
    ClusterSampler,
    CrossModalityIdentitySampler,
    JointIdentitySampler,
    SeededIndex,
)
from .stack_images import stack_images
from .synth import SynthVIReID
from .synth_tracks import SynthTracks
from .sysu_mm01 import SYSUMM01
from .tracklet_dataset import TrackletDataset
from .transforms import (
    AugMix,
    ByRole,
    Corrupt,
    LanczosResize,
    LoadReIDImage,
    PackReIDInputs,
    PlanarNormalize,
    RandomChannelExchange,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    RandomGamma,
    RandomGaussianBlur,
    RandomIntensityCurve,
    VisibleRandomChannelMix,
    VisibleRandomGrayscale,
    VisibleViews,
    ZeroPadChannels,
)
from .unlabelled_images import UnlabelledImages
from .vireid_dataset import VIReIDDataset
from .visible_sets import CUHK03, MSMT17, Market1501

__all__ = [
    'CUHK03',
    'HITSZVCM',
    'LLCM',
    'MSMT17',
    'SYSUMM01',
    'AlternatingIdentitySampler',
    'AugMix',
    'BUPTCampus',
    'BalancedIdentitySampler',
    'ByRole',
    'ClusterSampler',
    'Corrupt',
    'CrossModalityIdentitySampler',
    'JointDataset',
    'JointIdentitySampler',
    'LanczosResize',
    'LoadReIDImage',
    'ManifestDataset',
    'Market1501',
    'PackReIDInputs',
    'PlanarNormalize',
    'RandomChannelExchange',
    'RandomCrop',
    'RandomErasing',
    'RandomFlip',
    'RandomGamma',
    'RandomGaussianBlur',
    'RandomIntensityCurve',
    'RegDB',
    'SeededIndex',
    'SynthTracks',
    'SynthVIReID',
    'TrackletDataset',
    'UnlabelledImages',
    'VIReIDDataset',
    'VisibleRandomChannelMix',
    'VisibleRandomGrayscale',
    'VisibleViews',
    'ZeroPadChannels',
    'stack_images',
]

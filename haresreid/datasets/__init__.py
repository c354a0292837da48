"""Data sets, samplers and transforms."""

from .llcm import LLCM
from .manifest import ManifestDataset
from .regdb import RegDB
from .sysu_mm01 import SYSUMM01
from .transforms import LoadReIDImage
from .vireid_dataset import VIReIDDataset

__all__ = ['LLCM', 'LoadReIDImage', 'ManifestDataset', 'RegDB', 'SYSUMM01', 'VIReIDDataset']

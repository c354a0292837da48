"""Pretrained weights of backbones: where they are to be had, how their files name them, and how they are loaded."""

from .fetch import fetch_weights
from .known import KNOWN, KnownWeights, normalization_of, wanted_normalization
from .load import WeightReport, load_pretrained
from .normalization import Normalization
from .weight_format import WeightFormat

__all__ = [
    'KNOWN',
    'KnownWeights',
    'Normalization',
    'WeightFormat',
    'WeightReport',
    'fetch_weights',
    'load_pretrained',
    'normalization_of',
    'wanted_normalization',
]

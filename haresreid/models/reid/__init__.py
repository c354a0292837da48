"""The model and its data preprocessor."""

from .data_preprocessor import ReIDDataPreprocessor
from .vireid import VIReID

__all__ = ['ReIDDataPreprocessor', 'VIReID']

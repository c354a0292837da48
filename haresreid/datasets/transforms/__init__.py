"""Image transforms that MMCV and MMPretrain lack."""

from .load_reid_image import LoadReIDImage, read_rgb

__all__ = ['LoadReIDImage', 'read_rgb']

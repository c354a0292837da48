"""A gallery on disk, and search in it. It needs NumPy and filelock, optionally faiss for speed, and never torch."""

from haresreid.choices import MODALITIES

from .gallery_index import KINDS, GalleryIndex, Hits
from .times import to_iso, to_posix

__all__ = ['KINDS', 'MODALITIES', 'GalleryIndex', 'Hits', 'to_iso', 'to_posix']

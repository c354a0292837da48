"""A gallery on disk, and the search in it. Needs NumPy and filelock; faiss where it is to be fast, torch never."""

from haresreid.choices import MODALITIES

from .gallery_index import KINDS, GalleryIndex, Hits
from .times import to_iso, to_posix

__all__ = ['KINDS', 'MODALITIES', 'GalleryIndex', 'Hits', 'to_iso', 'to_posix']

"""A gallery of person images, and search in it. It needs NumPy and filelock, optionally faiss, and never torch.

Only ``haresreid.search.people`` needs SciPy.
"""

from haresreid.choices import MODALITIES

from .gallery import KINDS, Block, Gallery, Hits
from .gallery_index import GalleryIndex
from .open_gallery import copy_gallery, create_gallery, open_gallery
from .times import to_iso, to_posix

__all__ = [
    'KINDS',
    'MODALITIES',
    'Block',
    'Gallery',
    'GalleryIndex',
    'Hits',
    'copy_gallery',
    'create_gallery',
    'open_gallery',
    'to_iso',
    'to_posix',
]

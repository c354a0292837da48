"""The web page of ``haresreid demo``, which ranks a gallery for an image."""

from .gallery import Gallery, folder_gallery, sample_gallery
from .page import build_page, serve
from .search import Found, find
from .upload import read_upload, temporary_folder

__all__ = [
    'Found',
    'Gallery',
    'build_page',
    'find',
    'folder_gallery',
    'read_upload',
    'sample_gallery',
    'serve',
    'temporary_folder',
]

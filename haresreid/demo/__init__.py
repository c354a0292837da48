"""The web page of ``haresreid demo``, which ranks a gallery for an image."""

from .gallery import Gallery, folder_gallery, sample_gallery
from .gallery_page import build_gallery_page
from .page import build_page
from .search import Found, find
from .server import serve
from .tracks import Conditions, FoundTracks, TrackSearch
from .upload import read_upload, temporary_folder

__all__ = [
    'Conditions',
    'Found',
    'FoundTracks',
    'Gallery',
    'TrackSearch',
    'build_gallery_page',
    'build_page',
    'find',
    'folder_gallery',
    'read_upload',
    'sample_gallery',
    'serve',
    'temporary_folder',
]

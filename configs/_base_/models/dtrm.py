"""DTRM (Ye et al., TIFS), as described: DDAG's model, trained on images with random channels.

Without code and without the paper's text nothing more can be built: the metafile says what is missing.
"""

from mmengine.config import read_base

with read_base():
    from .ddag import *

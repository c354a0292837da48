"""TransReID on LLCM: its recipe, whose paper knows one modality, SGD for 120 epochs at 256 x 128."""

from mmengine.config import read_base

with read_base():
    from .vit_llcm_paper import *
    from .transreid_llcm_unified import model

"""DFLN-ViT on LLCM: its released code's recipe, which is HC's.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from .hc_llcm_paper import *
    from .dfln_vit_llcm_unified import model

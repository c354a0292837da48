"""DFLN-ViT on SYSU-MM01: its released code's recipe, which is HC's."""

from mmengine.config import read_base

with read_base():
    from .hc_sysu_paper import *
    from .dfln_vit_sysu_unified import model

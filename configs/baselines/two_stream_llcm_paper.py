"""Two-stream CNN on LLCM: the method "base" of AGW's code, which LLCM's released code also has."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .two_stream_llcm_unified import model

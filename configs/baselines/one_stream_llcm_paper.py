"""One-stream CNN on LLCM: the method "base" of AGW's released code with one stem; no paper is behind it."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .one_stream_llcm_unified import model

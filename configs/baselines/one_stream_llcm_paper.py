"""One-stream CNN on LLCM: the two-stream CNN's recipe with one stem; it is not from a paper."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_llcm import *
    from .one_stream_llcm_unified import model

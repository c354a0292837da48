"""One-stream CNN on SYSU-MM01: the method "base" of AGW's released code with one stem; it is not from a paper."""

from mmengine.config import read_base

with read_base():
    from ._base_.agw_recipe_sysu import *
    from .one_stream_sysu_unified import model

"""Images as TONE and BDTR take them: a random 227 x 227 of 256 x 256, and 227 x 227 at test time."""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

alexnet_pipeline = [
    load,
    dict(resize, size=(256, 256)),
    dict(crop, crop_size=(227, 227), padding=0),
    normalize,
    pack,
]
alexnet_test_pipeline = [load, dict(resize, size=(227, 227)), normalize, pack]

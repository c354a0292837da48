"""MMN's pipelines (Zhang et al., ACM MM 2021): 384 x 192, zeros for what is erased."""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

resize_384 = dict(resize, size=(384, 192))
mmn_pipeline = [
    load,
    resize_384,
    dict(crop, crop_size=(384, 192)),
    flip,
    normalize,
    dict(erase, fill=(0.0, 0.0, 0.0)),
    pack,
]
mmn_test_pipeline = [load, resize_384, normalize, pack]

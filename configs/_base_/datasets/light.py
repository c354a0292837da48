"""HAResformer's pipelines with the normalisation that EfficientNet-Lite0 was trained with on ImageNet."""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

normalize_lite = dict(normalize, mean=(127.0, 127.0, 127.0), std=(128.0, 128.0, 128.0))
light_pipeline = [load, resize, grey, crop, flip, normalize_lite, erase, pack]
light_test_pipeline = [load, resize, normalize_lite, pack]

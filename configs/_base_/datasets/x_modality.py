"""The pipelines of X-modality's released code (Li et al., AAAI 2020): 256 x 128, mirrored, cropped and erased."""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

resize_256 = dict(resize, size=(256, 128))
x_pipeline = [load, resize_256, flip, dict(crop, crop_size=(256, 128)), normalize, erase, pack]
x_test_pipeline = [load, resize_256, normalize, pack]

"""DEEN's pipelines (Zhang and Wang, CVPR 2023): 384 x 144; on SYSU-MM01, erasing covers 20 to 80 % of an image.

The released code draws grey for infrared images too, which are grey already, and pads before it draws.
"""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

deen_resize = dict(resize, size=(384, 144))
deen_pipeline = [load, deen_resize, grey, dict(crop, crop_size=(384, 144)), flip, normalize, erase, pack]
deen_pipeline_sysu = [*deen_pipeline[:-2], dict(erase, area=(0.2, 0.8)), pack]
deen_test_pipeline = [load, deen_resize, normalize, pack]

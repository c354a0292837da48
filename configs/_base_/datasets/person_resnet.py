"""HAResformer's images as LUPerson's ResNet-50, trained on people without labels, wants them normalised."""

from mmengine.config import read_base

with read_base():
    from .pipelines import *

normalize_lup = dict(normalize, mean=(89.896, 79.2, 80.073), std=(63.872, 64.305, 63.839))
lup_pipeline = [load, resize, grey, crop, flip, normalize_lup, erase, pack]
lup_test_pipeline = [load, resize, normalize_lup, pack]

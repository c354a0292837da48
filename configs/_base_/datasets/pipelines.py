"""From file to tensor, shared by all data sets: 288 x 144, the augmentation of the paper (section IV-A).

A config with another augmentation combines these steps differently.
"""

from haresreid.datasets import (
    LanczosResize,
    LoadReIDImage,
    PackReIDInputs,
    PlanarNormalize,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    VisibleRandomGrayscale,
)

load = dict(type=LoadReIDImage)
# Pillow's Lanczos filter, as in every published protocol. Images stay RGB throughout.
resize = dict(type=LanczosResize, size=(288, 144))
resize_256 = dict(resize, size=(256, 128))
grey = dict(type=VisibleRandomGrayscale, prob=0.5)
crop = dict(type=RandomCrop, crop_size=(288, 144), padding=10)
flip = dict(type=RandomFlip, prob=0.5)
normalize = dict(type=PlanarNormalize, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
normalize_half = dict(normalize, mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5))  # values from -1 to 1
erase = dict(type=RandomErasing, prob=0.5)
pack = dict(type=PackReIDInputs)

train_pipeline = [load, resize, grey, crop, flip, normalize, erase, pack]
agw_pipeline = [load, resize, crop, flip, normalize, pack]  # as in AGW's released code
test_pipeline = [load, resize, normalize, pack]

"""From file to tensor, shared by all data sets: 288 x 144, the augmentation of the paper (section IV-A)."""

from mmcv.transforms import Normalize, RandomFlip, Resize
from mmpretrain.datasets import RandomCrop

from haresreid.datasets import LoadReIDImage, PackReIDInputs, RandomErasing, VisibleRandomGrayscale

# Pillow's Lanczos filter, as in every published protocol; scale is (width, height). Images stay RGB throughout.
resize = dict(type=Resize, scale=(144, 288), backend='pillow', interpolation='lanczos')
normalize = dict(type=Normalize, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375), to_rgb=False)

train_pipeline = [
    dict(type=LoadReIDImage),
    resize,
    dict(type=VisibleRandomGrayscale, prob=0.5),
    dict(type=RandomCrop, crop_size=(288, 144), padding=10),
    dict(type=RandomFlip, prob=0.5),
    normalize,
    dict(type=RandomErasing, prob=0.5),
    dict(type=PackReIDInputs),
]
test_pipeline = [
    dict(type=LoadReIDImage),
    resize,
    normalize,
    dict(type=PackReIDInputs),
]

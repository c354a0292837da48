"""From file to tensor, shared by all data sets: 288 x 144, the augmentation of the paper (section IV-A).

A config that augments otherwise takes these steps in another order.
"""

from mmcv.transforms import Normalize, RandomFlip, Resize
from mmpretrain.datasets import RandomCrop

from haresreid.datasets import LoadReIDImage, PackReIDInputs, RandomErasing, VisibleRandomGrayscale

load = dict(type=LoadReIDImage)
# Pillow's Lanczos filter, as in every published protocol; scale is (width, height). Images stay RGB throughout.
resize = dict(type=Resize, scale=(144, 288), backend='pillow', interpolation='lanczos')
grey = dict(type=VisibleRandomGrayscale, prob=0.5)
crop = dict(type=RandomCrop, crop_size=(288, 144), padding=10)
flip = dict(type=RandomFlip, prob=0.5)
normalize = dict(type=Normalize, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375), to_rgb=False)
erase = dict(type=RandomErasing, prob=0.5)
pack = dict(type=PackReIDInputs)

train_pipeline = [load, resize, grey, crop, flip, normalize, erase, pack]
agw_pipeline = [load, resize, crop, flip, normalize, pack]  # of AGW's released code
test_pipeline = [load, resize, normalize, pack]

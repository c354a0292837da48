"""PMT's pipelines (Lu et al., AAAI 2023): 256 x 128; infrared images are changed in contrast or blurred.

In the first epochs visible images are grey.
"""

from mmcv.transforms import RandomChoice
from mmengine.config import read_base
from mmpretrain.datasets import ColorJitter
from mmpretrain.engine import SwitchRecipeHook

from haresreid.datasets import RandomGaussianBlur, VisibleViews

with read_base():
    from .pipelines import *

all_grey = dict(grey, prob=1.0)
contrast_or_blur = dict(
    type=RandomChoice,
    transforms=[[dict(type=ColorJitter, brightness=0.3, contrast=0.3)], [dict(type=RandomGaussianBlur)]],
)
views = dict(
    type=VisibleViews, augment=[flip], visible=[[normalize, erase]], infrared=[contrast_or_blur, normalize, erase]
)
pmt_pipeline = [load, resize_256, views, pack]
pmt_grey_pipeline = [load, resize_256, all_grey, views, pack]
pmt_test_pipeline = [load, resize_256, normalize, pack]
# from the seventh epoch, which it calls so
pmt_colour = dict(type=SwitchRecipeHook, schedule=[dict(action_epoch=7, train_pipeline=pmt_pipeline)])
# the same under HAResformer's augmentation, after a quarter of its 80 epochs
pmt_unified_grey_pipeline = [load, resize, all_grey, crop, flip, normalize, erase, pack]
pmt_unified_colour = dict(type=SwitchRecipeHook, schedule=[dict(action_epoch=21, train_pipeline=train_pipeline)])

"""CAJ's pipelines (Ye et al., ICCV 2021): two views of a visible image; in one of them one channel replaces all three.

In an infrared image one of its channels, or the luminance, replaces all three.
"""

from mmengine.config import read_base

from haresreid.datasets import RandomChannelExchange, VisibleViews

with read_base():
    from .pipelines import *

views = dict(
    type=VisibleViews,
    visible=[[], [dict(type=RandomChannelExchange)]],
    infrared=[dict(type=RandomChannelExchange, gray_prob=0.5)],
)
# the released code's pipelines, and the same views under HAResformer's augmentation
erase_channels = dict(erase, fill=(0.4914, 0.4822, 0.4465))
caj_pipeline = [load, resize, dict(views, augment=[crop, flip, normalize, erase_channels]), pack]
caj_unified_pipeline = [load, resize, dict(views, augment=[grey, crop, flip, normalize, erase]), pack]

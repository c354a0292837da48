"""CAJ's pipelines (Ye et al., ICCV 2021): a visible image in two views, of which one has a channel in the place of all.

An infrared image gets one of its channels, or the luminance, in the place of all.
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
# of the released code; and the same views under HAResformer's augmentation
erase_channels = dict(erase, fill=(0.4914, 0.4822, 0.4465))
caj_pipeline = [load, resize, dict(views, augment=[crop, flip, normalize, erase_channels]), pack]
caj_unified_pipeline = [load, resize, dict(views, augment=[grey, crop, flip, normalize, erase]), pack]

"""DTRM's augmentation: in three visible images of four, one channel, drawn anew, replaces all three.

The paper's own rule was not found. This is CAJ's (Ye et al., ICCV 2021), in one view of an image instead of two.
"""

from mmengine.config import read_base

from haresreid.datasets import RandomChannelExchange, VisibleViews

with read_base():
    from .pipelines import *

channels = dict(type=VisibleViews, visible=[[dict(type=RandomChannelExchange, gray_prob=0.0)]], infrared=[])
# on AGW's pipeline, and under HAResformer's augmentation
dtrm_pipeline = [load, resize, dict(channels, augment=[crop, flip, normalize]), pack]
dtrm_unified_pipeline = [load, resize, dict(channels, augment=[grey, crop, flip, normalize, erase]), pack]

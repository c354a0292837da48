"""What the narrow AlexNets share: the recipe of the narrow baselines, from start weights of their own."""

from mmengine.config import read_base

with read_base():
    from .synth import *

narrow_alexnet = dict(base_channels=24, fc_channels=256, stride=2, pretrained='haresreid://alexnet_synvi')

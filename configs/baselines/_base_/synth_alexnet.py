"""What the narrow AlexNets share: the recipe of the narrow baselines, from start weights of their own."""

from mmengine.config import read_base

with read_base():
    from .synth import *

narrow_alexnet = dict(base_channels=24, fc_channels=256, stride=2, pretrained='work_dirs/alexnet_synvi/epoch_24.pth')

"""What the narrow baselines share with HAResformer's row, configs/haresformer_synth_short.py.

They share data, augmentation, schedule, and the start weights that replace ImageNet's. In a training from scratch the
hard metric losses would pull all features to one point ("the wall", docs/en/notes/synvi_experiments.md). Every method
has its own losses from the first step to the last.
"""

from mmengine.config import read_base

with read_base():
    from ...haresformer_synth_short import *

# a ResNet-18-like network of 16 to 128 channels
narrow = dict(depth=18, base_channels=16, pretrained=model.backbone.encoder.pretrained)

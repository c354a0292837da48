"""Shared by the ablations on SynVI, and Table IV, row 6: the whole model, for a few epochs from start weights."""

from mmengine.config import read_base

with read_base():
    from ._base_.haresformer_synth import *
    from ._base_.schedules.adamw_synth_short import *  # its names replace the long schedule

model.backbone.encoder.pretrained = 'haresreid://resnet18_synvi'

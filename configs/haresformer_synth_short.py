"""HAResformer beside the narrow baselines: a few epochs from the start weights that they have too."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth import *
    from ._base_.schedules.adamw_synth_short import *  # its names replace the long schedule

model.backbone.encoder.pretrained = 'haresreid://resnet18_synvi'

"""Shared by the ablations on SynVI, and Table IV, row 6: the whole model, the paper's losses, from start weights."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth import *
    from ._base_.schedules.adamw_synth_short import *  # its names replace the long schedule

model.backbone.encoder.pretrained = 'work_dirs/resnet18_synvi/epoch_24.pth'
# With start weights in place of ImageNet's, the paper's losses need neither the help nor the delay of a start from
# scratch.
for loss in ('wr_tri', 'wr_tri_aux'):
    model.criterion.losses.pop(loss)
model.criterion.losses.hc_tri.update(weight=2.0)
model.criterion.losses.mmd.update(weight=0.25)
model.criterion.losses.aux.update(weight=0.5)

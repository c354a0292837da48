"""PMT, narrow, on SynVI, with grey visible images in the first of five epochs."""

from mmengine.config import read_base
from mmpretrain.engine import SwitchRecipeHook

with read_base():
    from ._base_.synth_vit import *
    from .._base_.models.pmt import *  # its model replaces HAResformer's

model.backbone.update(narrow_vit, stride=6)
model.head.update(in_channels=64)
for loss in ('tri_within', 'tri', 'msel', 'dcl'):
    model.criterion.losses[loss].weight.update(at=1 / 5)
colour_pipeline = train_dataloader.dataset.pipeline
train_dataloader.dataset.update(pipeline=[colour_pipeline[0], dict(colour_pipeline[1], prob=1.0), *colour_pipeline[2:]])
custom_hooks.append(dict(type=SwitchRecipeHook, schedule=[dict(action_epoch=2, train_pipeline=colour_pipeline)]))

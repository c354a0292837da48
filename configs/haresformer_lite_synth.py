"""haresformer_lite, narrow, on SynVI: three stages, transformers of half the width. It is not the paper's model."""

from mmengine.config import read_base

with read_base():
    from ._base_.haresformer_synth import *

model.backbone.encoder.update(strides=(1, 2, 2))
model.backbone.update(patch_sizes=(4, 2, 2), te_ratio=0.5)
model.head.update(stage_channels=(16, 32, 64), te_ratio=0.5)
model.criterion.losses.aux.update(feature=['cls_3', 'global_agg'])

# at 0.6 of HAResformer's time for a step, these take less time than its 48
param_scheduler[1].update(end=72)
train_cfg.update(max_epochs=72)

"""haresformer_lite on SYSU-MM01: three stages, transformers of half the width. It is not the paper's model."""

from mmengine.config import read_base

with read_base():
    from .haresformer_sysu import *

model.backbone.encoder.update(strides=(1, 2, 2))
model.backbone.update(patch_sizes=(4, 2, 2), te_ratio=0.5)
model.head.update(stage_channels=(256, 512, 1024), te_ratio=0.5)
model.criterion.losses.aux.update(feature=['cls_3', 'global_agg'])

"""haresformer_lite, narrow, on SynVI: HAResformer with transformers of half the width. It is not the paper's model."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth import *

model.backbone.update(te_ratio=0.5)
model.head.update(te_ratio=0.5)

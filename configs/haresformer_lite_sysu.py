"""haresformer_lite on SYSU-MM01: HAResformer with transformers of half the width. It is not the paper's model."""

from mmengine.config import read_base

with read_base():
    from .haresformer_sysu import *

model.backbone.update(te_ratio=0.5)
model.head.update(te_ratio=0.5)

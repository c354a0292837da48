"""The two-stream CNN, with a stem for each modality, which AGW's code calls "base"."""

from mmengine.config import read_base

with read_base():
    from .one_stream import *

model.backbone.update(num_specific=1)

"""Zero-padding (Wu et al., ICCV 2017): one stream, identity loss; the pipeline gives each modality its own channel."""

from mmengine.config import read_base

with read_base():
    from .one_stream import *

model.criterion.losses.pop('tri')

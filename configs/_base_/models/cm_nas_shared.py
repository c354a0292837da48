"""CM-NAS (Fu et al., ICCV 2021) without a batch norm per modality: the plain network with the losses of its code.

The pattern that CM-NAS found was not released, so this is not CM-NAS as published.
"""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate import *

model.backbone.update(separate='none')

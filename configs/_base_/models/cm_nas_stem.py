"""CM-NAS (Fu et al., ICCV 2021) with a batch norm per modality in the stem only, in the place of the pattern it found.

That pattern was not released, so this is not CM-NAS as published. The losses are those of the released code.
"""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate import *

model.backbone.update(separate='stem')

"""HAResformer on LLCM, with SYSU-MM01's settings (section IV-A); the paper's result is in Table VIII."""

from mmengine.config import read_base

with read_base():
    from ._base_.datasets.llcm import *
    from ._base_.default_runtime import *
    from ._base_.models.haresformer import *
    from ._base_.schedules.sgd_80e import *

default_hooks.checkpoint.update(save_best='llcm/v2i/mAP')

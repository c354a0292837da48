"""HAResformer on SYSU-MM01: the paper's model, recipe and protocol (section IV-A; its result: Table VI)."""

from mmengine.config import read_base

with read_base():
    from ._base_.datasets.sysu_mm01 import *
    from ._base_.default_runtime import *
    from ._base_.models.haresformer import *
    from ._base_.schedules.sgd_80e import *

# the field's habit: the best checkpoint is chosen on the test set; metrics.json tells the last one's figures
default_hooks.checkpoint.update(save_best='sysu/all/mAP')

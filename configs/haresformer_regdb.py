"""HAResformer on RegDB (section IV-A; result in Table VII). One model per split: add --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ._base_.datasets.regdb import *
    from ._base_.default_runtime import *
    from ._base_.models.haresformer import *
    from ._base_.schedules.sgd_80e import *

# Table III, row 10, and Fig. 6: stages 3 and 4 are supervised, lambda_3 = 0.25
model.criterion.losses.aux.update(feature=['cls_3', 'cls_4', 'global_agg'], weight=0.25)
default_hooks.checkpoint.update(save_best='regdb/v2i/mAP')

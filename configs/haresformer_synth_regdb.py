"""HAResformer, narrow, on SynVI in RegDB's layout: visible and thermal, ten splits (--split 1 ... --split 10)."""

from mmengine.config import read_base

from haresreid.evaluation import RegDBProtocol

with read_base():
    from ._base_.haresformer_synth import *

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/easy_regdb', layout='regdb', num_ids=(100, 0, 100), split=1)
val_evaluator.update(protocols=[dict(type=RegDBProtocol, direction=way) for way in ('v2i', 'i2v')])
test_evaluator = val_evaluator

# as on RegDB itself: stages 3 and 4 are supervised, lambda_3 = 0.25
model.criterion.losses.aux.update(feature=['cls_3', 'cls_4', 'global_agg'], weight=dict(ramp, to=0.25))

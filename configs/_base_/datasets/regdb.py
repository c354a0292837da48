"""RegDB, split 1 of 10: P = 4, K = 4 (section IV-A); both directions."""

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler

from haresreid.datasets import CrossModalityIdentitySampler, RegDB
from haresreid.evaluation import RegDBProtocol, VIReIDMetric

with read_base():
    from .pipelines import *

train_dataloader = dict(
    batch_size=32,  # 2 * num_ids * num_instances
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=CrossModalityIdentitySampler, num_ids=4, num_instances=4),
    dataset=dict(type=RegDB, data_root='data/RegDB', subset='train', split=1, pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(type=RegDB, data_root='data/RegDB', subset='test', split=1, pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric,
    protocols=[dict(type=RegDBProtocol, direction='v2i'), dict(type=RegDBProtocol, direction='i2v')])
test_evaluator = val_evaluator

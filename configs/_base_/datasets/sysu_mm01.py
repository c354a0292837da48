"""SYSU-MM01: P = 4, K = 4 (section IV-A); all-search and indoor-search, single-shot."""

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler

from haresreid.datasets import SYSUMM01, CrossModalityIdentitySampler
from haresreid.evaluation import SYSUProtocol, VIReIDMetric

with read_base():
    from .pipelines import *

train_dataloader = dict(
    batch_size=32,  # 2 * num_ids * num_instances
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=CrossModalityIdentitySampler, num_ids=4, num_instances=4),
    dataset=dict(type=SYSUMM01, data_root='data/SYSU-MM01', subset='train', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(type=SYSUMM01, data_root='data/SYSU-MM01', subset='test', pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric,
    protocols=[dict(type=SYSUProtocol, mode='all'), dict(type=SYSUProtocol, mode='indoor')])
test_evaluator = val_evaluator

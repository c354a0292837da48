"""LLCM: P = 4, K = 4 (section IV-A); both directions."""

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler

from haresreid.datasets import LLCM, CrossModalityIdentitySampler
from haresreid.evaluation import LLCMProtocol, VIReIDMetric

with read_base():
    from .pipelines import *

train_dataloader = dict(
    batch_size=32,  # 2 * num_ids * num_instances
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=CrossModalityIdentitySampler, num_ids=4, num_instances=4),
    dataset=dict(type=LLCM, data_root='data/LLCM', subset='train', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(type=LLCM, data_root='data/LLCM', subset='test', pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric,
    protocols=[dict(type=LLCMProtocol, direction='v2i'), dict(type=LLCMProtocol, direction='i2v')])
test_evaluator = val_evaluator

"""SYSU-MM01: all-search and indoor-search, single-shot."""

from mmengine.config import read_base

from haresreid.datasets import SYSUMM01
from haresreid.evaluation import SYSUProtocol, VIReIDMetric

with read_base():
    from .loaders import *

for loader in (train_dataloader, val_dataloader):
    loader.dataset.update(type=SYSUMM01, data_root='data/SYSU-MM01')
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=SYSUProtocol, mode='all'), dict(type=SYSUProtocol, mode='indoor')]
)
test_evaluator = val_evaluator

"""LLCM; both directions."""

from mmengine.config import read_base

from haresreid.datasets import LLCM
from haresreid.evaluation import LLCMProtocol, VIReIDMetric

with read_base():
    from .loaders import *

for loader in (train_dataloader, val_dataloader):
    loader.dataset.update(type=LLCM, data_root='data/LLCM')
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=LLCMProtocol, direction='v2i'), dict(type=LLCMProtocol, direction='i2v')]
)
test_evaluator = val_evaluator

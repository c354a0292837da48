"""RegDB, split 1 of 10; both directions."""

from mmengine.config import read_base

from haresreid.datasets import RegDB
from haresreid.evaluation import RegDBProtocol, VIReIDMetric

with read_base():
    from .loaders import *

for loader in (train_dataloader, val_dataloader):
    loader.dataset.update(type=RegDB, data_root='data/RegDB', split=1)
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=RegDBProtocol, direction='v2i'), dict(type=RegDBProtocol, direction='i2v')]
)
test_evaluator = val_evaluator

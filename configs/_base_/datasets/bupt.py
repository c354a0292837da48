"""BUPTCampus: ten frames of a track, both directions. Never run on the data."""

from mmengine.config import read_base

from haresreid.datasets import BUPTCampus
from haresreid.evaluation import BUPTProtocol, VIReIDMetric

with read_base():
    from .loaders import *

for loader in (train_dataloader, val_dataloader):
    loader.dataset.update(type=BUPTCampus, data_root='data/BUPTCampus', num_frames=10)
train_dataloader.sampler.update(num_ids=8, num_instances=2)  # 16 pairs of tracks, as in the released code
val_dataloader.update(batch_size=16)
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=BUPTProtocol, direction='v2i'), dict(type=BUPTProtocol, direction='i2v')]
)
test_evaluator = val_evaluator

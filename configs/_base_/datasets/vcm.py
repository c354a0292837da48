"""HITSZ-VCM: six frames of a track, both directions. Never run on the data."""

from mmengine.config import read_base

from haresreid.datasets import HITSZVCM
from haresreid.evaluation import VCMProtocol, VIReIDMetric

with read_base():
    from .loaders import *

for loader in (train_dataloader, val_dataloader):
    loader.dataset.update(type=HITSZVCM, data_root='data/HITSZ-VCM', num_frames=6)
train_dataloader.sampler.update(num_ids=8, num_instances=2)  # as in MITML's released code
val_dataloader.update(batch_size=16)
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=VCMProtocol, direction='v2i'), dict(type=VCMProtocol, direction='i2v')]
)
test_evaluator = val_evaluator

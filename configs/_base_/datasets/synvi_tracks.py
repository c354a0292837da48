"""SynVI's walks in HITSZ-VCM's layout, drawn on first use: four of twelve frames at a time, 96 x 48."""

from mmengine.config import read_base

from haresreid.datasets import SynthTracks
from haresreid.evaluation import VCMProtocol, VIReIDMetric

with read_base():
    from .synvi import *

dataset = dict(
    type=SynthTracks,
    data_root='data/SynVI/easy_vcm',
    layout='vcm',
    level='easy',
    num_ids=(150, 0, 50),
    tracks_per_camera=1,
    frames=12,
    size=(96, 48),
    num_frames=4,
)
train_dataloader.dataset = dict(dataset, subset='train', pipeline=train_pipeline)
train_dataloader.sampler.update(num_instances=2)  # tracks of a person in each modality: 128 frames in a batch
val_dataloader.batch_size = 16
val_dataloader.dataset = dict(dataset, subset='test', pipeline=test_pipeline)
test_dataloader = val_dataloader

val_evaluator = dict(
    type=VIReIDMetric, protocols=[dict(type=VCMProtocol, direction='v2i'), dict(type=VCMProtocol, direction='i2v')]
)
test_evaluator = val_evaluator

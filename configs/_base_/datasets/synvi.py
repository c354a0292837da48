"""SynVI in SYSU-MM01's layout, drawn on first use; 96 x 48."""

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler

from haresreid.datasets import (
    CrossModalityIdentitySampler,
    LoadReIDImage,
    PackReIDInputs,
    RandomCrop,
    RandomErasing,
    RandomFlip,
    RandomGamma,
    RandomIntensityCurve,
    SynthVIReID,
    VisibleRandomChannelMix,
    VisibleRandomGrayscale,
    stack_images,
)
from haresreid.evaluation import SYSUProtocol, VIReIDMetric

with read_base():
    from .pipelines import normalize

# The images are drawn at 96 x 48, so nothing is resized.
train_pipeline = [
    dict(type=LoadReIDImage),
    dict(type=VisibleRandomGrayscale, prob=0.5),
    dict(type=VisibleRandomChannelMix, prob=0.6),
    dict(type=RandomIntensityCurve, prob=0.5),
    dict(type=RandomGamma),
    dict(type=RandomCrop, crop_size=(96, 48), padding=5),
    dict(type=RandomFlip, prob=0.5),
    normalize,
    dict(type=RandomErasing, prob=0.25),
    dict(type=PackReIDInputs),
]
test_pipeline = [dict(type=LoadReIDImage), normalize, dict(type=PackReIDInputs)]
dataset = dict(
    type=SynthVIReID,
    data_root='data/SynVI/easy_sysu',
    layout='sysu',
    level='easy',
    num_ids=(400, 0, 100),
    images_per_camera=2,
    size=(96, 48),
)

train_dataloader = dict(
    num_workers=1,
    persistent_workers=True,
    collate_fn=dict(type=stack_images),
    sampler=dict(type=CrossModalityIdentitySampler, num_ids=8, num_instances=4),
    dataset=dict(dataset, subset='train', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=1,
    persistent_workers=True,
    collate_fn=dict(type=stack_images),
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(dataset, subset='test', pipeline=test_pipeline),
)
test_dataloader = val_dataloader

val_evaluator = dict(type=VIReIDMetric, protocols=[dict(type=SYSUProtocol, mode='all')])
test_evaluator = val_evaluator

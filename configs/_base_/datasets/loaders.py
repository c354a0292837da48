"""Loaders of the real data sets: batches of P = 4 identities with K = 4 images per modality (section IV-A)."""

from mmengine.config import read_base
from mmengine.dataset import DefaultSampler

from haresreid.datasets import CrossModalityIdentitySampler, stack_images

with read_base():
    from .pipelines import *

train_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type=stack_images),
    sampler=dict(type=CrossModalityIdentitySampler, num_ids=4, num_instances=4),
    dataset=dict(subset='train', pipeline=train_pipeline),
)
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type=stack_images),
    sampler=dict(type=DefaultSampler, shuffle=False),
    dataset=dict(subset='test', pipeline=test_pipeline),
)

"""Batches and pipelines of Hi-CMD: 256 x 128 for all parts, mirrored at random, erased for re-identification alone."""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler
from haresreid.engine import ImageSheetHook

with read_base():
    from .pipelines import *

image_sheet = dict(type=ImageSheetHook, mean=normalize.mean, std=normalize.std)
generator_batch = dict(num_ids=2, num_instances=1)
hicmd_sampler = dict(type=JointIdentitySampler, num_ids=4, num_instances=1, generator=generator_batch, num_batches=1000)
roles = dict(type=ByRole, generator=[flip, normalize], reid=[flip, normalize, erase])
hicmd_pipeline = [load, resize_256, roles, pack]
hicmd_test_pipeline = [load, resize_256, normalize, pack]
# HAResformer's sampling and augmentation
hicmd_unified_sampler = dict(type=JointIdentitySampler, num_ids=4, num_instances=4, generator=generator_batch)
augment = dict(type=ByRole, generator=[flip, normalize], reid=[grey, crop, flip, normalize, erase])
hicmd_unified_pipeline = [load, resize, augment, pack]

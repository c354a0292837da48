"""Batches and pipelines of JSIA-ReID: 256 x 128 for re-identification, 128 x 64 for the generator, mirrored at random.

Values are from -1 to 1.
"""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler

with read_base():
    from .pipelines import *

generator_batch = dict(num_ids=3, num_instances=3)
jsia_sampler = dict(type=JointIdentitySampler, num_ids=16, num_instances=4, generator=generator_batch, num_batches=200)
small = [dict(resize, size=(128, 64)), flip, normalize_half]
jsia_pipeline = [load, resize_256, dict(type=ByRole, generator=small, reid=[flip, normalize_half]), pack]
jsia_test_pipeline = [load, resize_256, normalize_half, pack]
# HAResformer's sampling and augmentation
jsia_unified_sampler = dict(type=JointIdentitySampler, num_ids=4, num_instances=4, generator=generator_batch)
augment = dict(
    type=ByRole,
    generator=[dict(resize, size=(144, 72)), flip, normalize_half],
    reid=[grey, crop, flip, normalize_half, erase],
)
jsia_unified_pipeline = [load, resize, augment, pack]
jsia_unified_test_pipeline = [load, resize, normalize_half, pack]

"""Batches and pipelines of AlignGAN: 128 x 128 for both networks, mirrored at random, values from -1 to 1."""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler

with read_base():
    from .pipelines import *

aligngan_sampler = dict(
    type=JointIdentitySampler,
    num_ids=18,
    num_instances=4,
    generator=dict(num_ids=4, num_instances=4),
    num_batches=100,
)
square = dict(resize, size=(128, 128))
aligngan_pipeline = [load, square, flip, normalize_half, pack]
aligngan_test_pipeline = [load, square, normalize_half, pack]
# HAResformer's sampling and augmentation
aligngan_unified_sampler = dict(
    type=JointIdentitySampler, num_ids=4, num_instances=4, generator=dict(num_ids=4, num_instances=4)
)
augment = dict(type=ByRole, generator=[flip, normalize_half], reid=[grey, crop, flip, normalize_half, erase])
aligngan_unified_pipeline = [load, resize, augment, pack]
aligngan_unified_test_pipeline = [load, resize, normalize_half, pack]

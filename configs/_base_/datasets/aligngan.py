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
normalize_one = dict(normalize, mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5))
aligngan_pipeline = [load, square, flip, normalize_one, pack]
aligngan_test_pipeline = [load, square, normalize_one, pack]
# HAResformer's sampling and augmentation
aligngan_unified_sampler = dict(
    type=JointIdentitySampler, num_ids=4, num_instances=4, generator=dict(num_ids=4, num_instances=4)
)
augment = dict(type=ByRole, generator=[flip, normalize_one], reid=[grey, crop, flip, normalize_one, erase])
aligngan_unified_pipeline = [load, resize, augment, pack]
aligngan_unified_test_pipeline = [load, resize, normalize_one, pack]

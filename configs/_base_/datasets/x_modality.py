"""Batches and pipelines of X-modality's released code (Li et al., AAAI 2020): 256 x 128, mirrored, cropped, erased."""

from mmengine.config import read_base

from haresreid.datasets import AlternatingIdentitySampler

with read_base():
    from .pipelines import *

x_sampler = dict(type=AlternatingIdentitySampler, num_ids=12, num_instances=4, repeat=True)
x_pipeline = [load, resize_256, flip, dict(crop, crop_size=(256, 128)), normalize, erase, pack]
x_test_pipeline = [load, resize_256, normalize, pack]

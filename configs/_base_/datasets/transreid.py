"""TransReID's batches and pipelines (He et al., ICCV 2021): 256 x 128, from -1 to 1, erased with noise.

A batch of its single modality holds 16 people with 4 images; here 8 people have 4 in each modality.
"""

from mmengine.config import read_base

from haresreid.datasets import AlternatingIdentitySampler

with read_base():
    from .pipelines import *

transreid_sampler = dict(type=AlternatingIdentitySampler, num_ids=8, num_instances=4)
erase_noise = dict(erase, area=(0.02, 1 / 3), fill=None)
transreid_pipeline = [
    load,
    resize_256,
    flip,
    dict(crop, crop_size=(256, 128)),
    normalize_half,
    erase_noise,
    pack,
]
transreid_test_pipeline = [load, resize_256, normalize_half, pack]

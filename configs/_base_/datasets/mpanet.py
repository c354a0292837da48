"""MPANet's batches and pipelines (Wu et al., CVPR 2021): 384 x 128, or 256 x 128 on RegDB.

An image is cropped out of a grey surrounding, and erased with zeros.
"""

from mmengine.config import read_base

from haresreid.datasets import AlternatingIdentitySampler

with read_base():
    from .pipelines import *

mpanet_sampler = dict(type=AlternatingIdentitySampler, num_ids=16, num_instances=4)
erase_mpanet = dict(erase, area=(0.02, 0.33), fill=(0.0, 0.0, 0.0))


tall = dict(resize, size=(384, 128))
shift = dict(crop, crop_size=(384, 128), fill=127)
mpanet_train = [load, tall, flip, shift, normalize, erase_mpanet, pack]
mpanet_test = [load, tall, normalize, pack]

mpanet_train_regdb = [load, resize_256, flip, dict(shift, crop_size=(256, 128)), normalize, erase_mpanet, pack]
mpanet_test_regdb = [load, resize_256, normalize, pack]

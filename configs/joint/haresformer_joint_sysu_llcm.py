"""HAResformer on SYSU-MM01 and LLCM together, two people of each in a batch; tested on SYSU-MM01."""

from mmengine.config import read_base

from haresreid.datasets import LLCM, SYSUMM01, BalancedIdentitySampler, JointDataset

with read_base():
    from ..haresformer_sysu import *

train_dataloader.sampler.update(type=BalancedIdentitySampler)
train_dataloader.dataset = dict(
    type=JointDataset,
    datasets=[dict(type=SYSUMM01, data_root='data/SYSU-MM01'), dict(type=LLCM, data_root='data/LLCM')],
    subset='train',
    pipeline=train_pipeline,
)

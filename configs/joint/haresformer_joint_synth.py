"""The narrow HAResformer from start weights on two levels of SynVI together; tested on the easy one."""

from mmengine.config import read_base

from haresreid.datasets import BalancedIdentitySampler, JointDataset

with read_base():
    from ..haresformer_synth_short import *

# another seed draws other people than those of the easy level
standard = dict(dataset, data_root='data/SynVI/standard_sysu_2', level='standard', seed=2)
train_dataloader.sampler.update(type=BalancedIdentitySampler)
train_dataloader.dataset = dict(
    type=JointDataset,
    datasets=[dataset, standard],
    subset='train',
    pipeline=train_pipeline,
)

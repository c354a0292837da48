"""Start weights from visible people: one stream, trained on Market-1501; tested across the spectra, on SYSU-MM01."""

from mmengine.config import read_base

from haresreid.datasets import Market1501

with read_base():
    from ..haresformer_sysu import *
    from .._base_.models.one_stream import *  # its model replaces HAResformer's

train_dataloader.sampler.update(num_ids=16)
train_dataloader.dataset.update(type=Market1501, data_root='data/Market-1501')

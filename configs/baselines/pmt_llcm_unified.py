"""PMT on LLCM, trained as HAResformer is, with grey visible images in the first quarter."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.datasets.pmt import pmt_unified_colour, pmt_unified_grey_pipeline
    from .._base_.models.pmt import *  # its model replaces HAResformer's

train_dataloader.dataset.update(pipeline=pmt_unified_grey_pipeline)
custom_hooks.append(pmt_unified_colour)

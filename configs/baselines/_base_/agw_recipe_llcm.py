"""LLCM by the recipe of LLCM's own released code for AGW: AGW's on SYSU-MM01, and erasing with zeros after normalisation.

That code lacks the file of its erasing: area and aspect are those that its DEEN erases with on LLCM.
"""

from mmengine.config import read_base

with read_base():
    from ...haresformer_llcm import *
    from ..._base_.schedules.sgd_agw import *  # isort: skip  (its names replace the paper's schedule)

train_dataloader.update(batch_size=64)
train_dataloader.sampler.update(num_ids=8)
train_dataloader.dataset.update(pipeline=[*agw_pipeline[:-1], dict(erase, fill=(0.0, 0.0, 0.0)), pack])

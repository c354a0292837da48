"""LLCM by the recipe of LLCM's own released code for AGW: AGW's on SYSU-MM01, and erasing with zeros.

The file with the erasing is missing from that code, so area and aspect are those of its DEEN on LLCM.
"""

from mmengine.config import read_base

with read_base():
    from ...haresformer_llcm import *
    from ..._base_.schedules.sgd_agw import *  # its names replace the paper's schedule

train_dataloader.sampler.update(num_ids=8)
train_dataloader.dataset.update(pipeline=[*agw_pipeline[:-1], dict(erase, fill=(0.0, 0.0, 0.0)), pack])
# as in the released code: the best Rank-1 on the first gallery draw. It is chosen on the test set, like any best one
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

"""HC on LLCM: its released code's recipe, 61 epochs on 4 people with 8 different images each, not cropped.

Its paper does not use LLCM, so the settings are those for SYSU-MM01.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.schedules.sgd_hc import *  # its names replace the paper's schedule
    from .hc_llcm_unified import model

train_dataloader.sampler.update(num_instances=8, replacement=False)
train_dataloader.dataset.update(pipeline=[load, resize, flip, normalize, pack])
# as in the released code: the best Rank-1 on the first gallery draw. It is chosen on the test set, like any best one
default_hooks.checkpoint.update(save_best='llcm/v2i/R1-first-draw')

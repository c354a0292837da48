"""Hi-CMD on SYSU-MM01, trained as HAResformer is, its generator beside."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.hicmd import hicmd_unified_pipeline, hicmd_unified_sampler, image_sheet
    from .._base_.models.hicmd import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_hicmd import image_turns

optim_wrapper = dict(image_turns, reid=optim_wrapper)
custom_hooks.append(image_sheet)
train_dataloader.sampler = hicmd_unified_sampler
train_dataloader.dataset.update(pipeline=hicmd_unified_pipeline)

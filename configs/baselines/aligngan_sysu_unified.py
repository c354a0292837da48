"""AlignGAN on SYSU-MM01, trained as HAResformer is, generator and network together from the first epoch."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.aligngan import (
        aligngan_unified_pipeline,
        aligngan_unified_sampler,
        aligngan_unified_test_pipeline,
    )
    from .._base_.models.aligngan import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_aligngan import image_sheet, image_turns

optim_wrapper = dict(image_turns, reid=optim_wrapper)
custom_hooks.append(image_sheet)
train_dataloader.sampler = aligngan_unified_sampler
train_dataloader.dataset.update(pipeline=aligngan_unified_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=aligngan_unified_test_pipeline)

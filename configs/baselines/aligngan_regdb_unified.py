"""AlignGAN on RegDB, trained as HAResformer is, generator and network together from the first epoch.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from ..haresformer_regdb import *
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

"""JSIA-ReID on SYSU-MM01, trained as HAResformer is, its generator beside from the first epoch."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.jsia import jsia_unified_pipeline, jsia_unified_sampler, jsia_unified_test_pipeline
    from .._base_.models.jsia import *  # its model replaces HAResformer's
    from .._base_.schedules.adam_jsia import image_sheet, image_turns

optim_wrapper = dict(image_turns, reid=optim_wrapper)
custom_hooks.append(image_sheet)
train_dataloader.sampler = jsia_unified_sampler
train_dataloader.dataset.update(pipeline=jsia_unified_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=jsia_unified_test_pipeline)

"""AlignGAN on SYSU-MM01: its released code's recipe, 251 epochs, of which the last 101 train all parts together."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.aligngan import aligngan_pipeline, aligngan_sampler, aligngan_test_pipeline
    from .._base_.models.aligngan import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_aligngan import *  # its names replace the paper's schedule

model.update(periods, flip_test=True)
model.backbone.update(enlarged)
custom_hooks.append(image_sheet)
train_dataloader.sampler = aligngan_sampler
train_dataloader.dataset.update(pipeline=aligngan_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=aligngan_test_pipeline)
# the released code tests the last model; this is the rule of the other baselines
default_hooks.checkpoint.update(save_best='sysu/all/R1-first-draw')

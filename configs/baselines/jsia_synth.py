"""JSIA-ReID, narrow, on SynVI, its generator trained beside from the first epoch."""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler, LanczosResize

with read_base():
    from ._base_.synth import *
    from .._base_.datasets.jsia import generator_batch, normalize_half
    from .._base_.models.jsia import *  # its model replaces HAResformer's
    from .._base_.schedules.adam_jsia import image_sheet, image_turns

model.backbone.update(narrow)
model.head.update(in_channels=128)
model.generator.update(content_channels=16, base_channels=16, code_channels=64)
for discriminator in model.discriminators.values():
    discriminator.update(base_channels=16, num_layers=3)

optim_wrapper = dict(image_turns, reid=optim_wrapper)
for turn in ('generator', 'discriminator'):  # ten times the released code's rate, for a hundredth of its steps
    optim_wrapper[turn].optimizer.lr = 1e-3
custom_hooks.append(image_sheet)
sampler = train_dataloader.sampler
train_dataloader.sampler = dict(sampler, type=JointIdentitySampler, generator=generator_batch)
(load, *augment, normalize, erase, pack) = train_dataloader.dataset.pipeline
flip = augment[-1]
by_role = dict(
    type=ByRole,
    generator=[dict(type=LanczosResize, size=(48, 24)), flip, normalize_half],
    reid=[*augment, normalize_half, erase],
)
train_dataloader.dataset.update(pipeline=[load, by_role, pack])
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=[load, normalize_half, pack])

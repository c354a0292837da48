"""Hi-CMD, narrow, on SynVI, its generator trained beside."""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler

with read_base():
    from ._base_.synth import *
    from .._base_.datasets.hicmd import image_sheet
    from .._base_.models.hicmd import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_hicmd import image_turns

model.backbone.update(narrow, prototype_channels=8, dilations=(1, 2, 3))
model.head.update(in_channels=128)
model.generator.update(content_channels=16, code_channels=128, base_channels=8)
for discriminator in model.discriminators.values():
    discriminator.update(base_channels=8)

optim_wrapper = dict(image_turns, reid=optim_wrapper)
for turn in ('generator', 'discriminator'):  # ten times the released code's rate, for a hundredth of its steps
    optim_wrapper[turn].optimizer.lr = 1e-3
custom_hooks.append(image_sheet)
sampler = train_dataloader.sampler
train_dataloader.sampler = dict(sampler, type=JointIdentitySampler, generator=dict(num_ids=3, num_instances=3))
(load, *augment, normalize, erase, pack) = train_dataloader.dataset.pipeline
by_role = dict(type=ByRole, generator=[augment[-1], normalize], reid=[*augment, normalize, erase])
train_dataloader.dataset.update(pipeline=[load, by_role, pack])

"""AlignGAN, narrow, on SynVI, generator and network trained together from the first epoch."""

from mmengine.config import read_base

from haresreid.datasets import ByRole, JointIdentitySampler

with read_base():
    from ._base_.synth import *
    from .._base_.datasets.aligngan import normalize_half
    from .._base_.models.aligngan import *  # its model replaces HAResformer's
    from .._base_.schedules.sgd_aligngan import image_sheet, image_turns

model.backbone.update(narrow)
model.head.update(in_channels=128, channels=64)
model.generator.update(base_channels=8, num_blocks=2)
for discriminator in model.discriminators.values():
    discriminator.update(base_channels=16, num_layers=3)
model.discriminators.infrared.update(feature_channels=128)

optim_wrapper = dict(image_turns, reid=optim_wrapper)
for turn in ('generator', 'discriminator'):  # five times the released code's rate, for a hundredth of its steps
    optim_wrapper[turn].optimizer.lr = 1e-3
custom_hooks.append(image_sheet)
sampler = train_dataloader.sampler
train_dataloader.sampler = dict(sampler, type=JointIdentitySampler, generator=dict(num_ids=3, num_instances=3))
(load, *augment, normalize, erase, pack) = train_dataloader.dataset.pipeline
by_role = dict(type=ByRole, generator=[augment[-1], normalize_half], reid=[*augment, normalize_half, erase])
train_dataloader.dataset.update(pipeline=[load, by_role, pack])
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=[load, normalize_half, pack])

"""HAResformer at full width by the paper's recipe, on SynVI at 96 x 48, to study its first steps without real data."""

from mmengine.config import read_base

with read_base():
    from .haresformer_sysu import *
    from ._base_.datasets.synvi import *  # its names replace SYSU-MM01

model.backbone.update(img_size=(96, 48))
model.backbone.encoder.update(pretrained=None)
# the paper's batches: four people, each with four images per modality
train_dataloader.sampler.update(num_ids=4)

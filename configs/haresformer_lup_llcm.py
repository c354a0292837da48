"""HAResformer on LLCM with an encoder that was trained on people without labels (LUPerson)."""

from mmengine.config import read_base

with read_base():
    from .haresformer_llcm import *
    from ._base_.datasets.person_resnet import *

model.backbone.encoder.update(pretrained='lup_moco_r50')
train_dataloader.dataset.update(pipeline=lup_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=lup_test_pipeline)

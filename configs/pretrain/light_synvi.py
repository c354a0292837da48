"""Start weights for the light model: ImageNet's, trained on people of another seed, in one stream."""

from mmengine.config import read_base

with read_base():
    from ..light_synth import *

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/easy_sysu_pretrain_1000', seed=1, num_ids=(1000, 0, 100))

model.backbone.update(num_specific=0)

param_scheduler[1].update(end=6)
train_cfg.update(max_epochs=6, val_interval=6)

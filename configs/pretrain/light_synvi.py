"""Start weights for the light model, in place of ImageNet's: one stream, trained on people of another seed."""

from mmengine.config import read_base

with read_base():
    from ..light_synth import *
    from .._base_.schedules.adamw_synth import *  # its names replace the short schedule

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/easy_sysu_pretrain_1000', seed=1, num_ids=(1000, 0, 100))

model.backbone.update(num_specific=0, pretrained=None)
# From scratch the triplet loss pulls all features to one point.
del model.criterion.losses.wr_tri

optim_wrapper.optimizer.update(lr=2e-3)
param_scheduler[0].update(end=2)
param_scheduler[1].update(begin=2, end=8)
train_cfg.update(max_epochs=8, val_interval=8)

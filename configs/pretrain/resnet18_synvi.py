"""Start weights for narrow encoders, in place of ImageNet's: one stream, trained on people of another seed.

Those that come with haresreid, haresreid://resnet18_synvi, were made by this config.
"""

from mmengine.config import read_base

from haresreid.models import (
    BNNeckHead,
    Criterion,
    IDLoss,
    ReIDDataPreprocessor,
    TwoStreamResNet,
    VIReID,
    WeightedRegularizedTripletLoss,
)

with read_base():
    from .._base_.datasets.synvi import *
    from .._base_.default_runtime import *
    from .._base_.schedules.adamw_synth import *

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/easy_sysu_pretrain_1000', seed=1, num_ids=(1000, 0, 100))

model = dict(
    type=VIReID,
    data_preprocessor=dict(type=ReIDDataPreprocessor),
    backbone=dict(type=TwoStreamResNet, depth=18, base_channels=16, num_specific=0, pretrained=None),
    head=dict(
        type=BNNeckHead,
        in_channels=128,
    ),
    criterion=dict(
        type=Criterion,
        losses=dict(
            id=dict(type=IDLoss, feature='logits'), wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed')
        ),
    ),
)

param_scheduler[0].update(end=3)
param_scheduler[1].update(begin=3, end=24)
train_cfg.update(max_epochs=24)

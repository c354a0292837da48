"""HAResformer, narrow, on SynVI: the first run of a newcomer, from drawing the data to the ranked lists, on a CPU."""

from mmengine.config import read_base
from mmengine.optim import CosineAnnealingLR, LinearLR
from torch.optim import AdamW

from haresreid.engine import LossRampHook
from haresreid.models import WeightedRegularizedTripletLoss

with read_base():
    from ._base_.datasets.synvi import *
    from ._base_.default_runtime import *
    from ._base_.models.haresformer import *
    from ._base_.schedules.sgd_80e import *

# a ResNet-18-like encoder of 16 to 128 channels
model.backbone.encoder.update(depth=18, base_channels=16, pretrained=None)
model.backbone.update(img_size=(96, 48), fusion=dict(type=CFFM, norm_cfg=dict(type='BN'), act_cfg=dict(type='ReLU')),
                      init_std=0.08)
model.head.update(num_classes=400, stage_channels=(16, 32, 64, 128), init_std=0.08)

model.head.losses.update(
    wrt=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=1.0),
    wrt_aux=dict(type=WeightedRegularizedTripletLoss, feature=['cls_4', 'global_agg'], weight=0.5))
ramp = dict(begin=0.6, end=0.8, start_factor=0.0, end_factor=1.0)
custom_hooks.append(dict(type=LossRampHook, ramps=dict(hc_tri=ramp, mmd=ramp, aux=ramp)))

optim_wrapper.optimizer = dict(type=AdamW, lr=4e-3, betas=(0.9, 0.99), weight_decay=5e-3)
optim_wrapper.paramwise_cfg = dict(norm_decay_mult=0, bias_decay_mult=0)
param_scheduler = [dict(type=LinearLR, start_factor=0.01, begin=0, end=4, convert_to_iter_based=True),
                   dict(type=CosineAnnealingLR, begin=4, end=36, eta_min=4e-5, convert_to_iter_based=True)]
train_cfg.update(max_epochs=36, val_interval=6)

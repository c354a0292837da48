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
model.backbone.update(img_size=(96, 48))
model.head.update(num_classes=400, stage_channels=(16, 32, 64, 128))

model.head.losses.update(
    wrt=dict(type=WeightedRegularizedTripletLoss, feature=['embed', 'cls_4', 'global_agg'], weight=1.0))
custom_hooks.append(
    dict(type=LossRampHook, ramps=dict(hc_tri=dict(begin=0.4, end=0.6, start_factor=0.0, end_factor=1.0))))

optim_wrapper.optimizer = dict(type=AdamW, lr=2e-3, weight_decay=0.05)
param_scheduler = [dict(type=LinearLR, start_factor=0.1, begin=0, end=2, convert_to_iter_based=True),
                   dict(type=CosineAnnealingLR, begin=2, end=40, eta_min=1e-5, convert_to_iter_based=True)]
train_cfg.update(max_epochs=40, val_interval=10)

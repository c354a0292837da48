"""HC (Zhu et al., Neurocomputing 2020): a network per modality, six stripes, hetero-centre loss on each of them.

It differs from the released code after the batch norm of a stripe. The released code has a leaky ReLU that only the
classifier sees, and normalises each stripe before retrieval. Here StripeNeck's ReLU applies, also for loss and test.
"""

from mmengine.config import read_base
from mmengine.model import KaimingInit, NormalInit

from haresreid.models import GlobalAveragePooling, HeteroCenterLoss

with read_base():
    from .hc_tri import *

model.backbone.update(num_specific=5)
model.neck.update(
    channels=512,
    init_cfg=[
        dict(type=KaimingInit, layer='Conv2d', mode='fan_out'),
        dict(type=NormalInit, layer='BatchNorm2d', mean=1, std=0.01),
    ],
)
model.neck.pooling = dict(type=GlobalAveragePooling)
model.head.update(channels=512)
model.criterion.losses.pop('hc_tri')
model.criterion.losses.pop('hc_tri_stripes')
model.criterion.losses.update(hc=dict(type=HeteroCenterLoss, feature=[f'stripe_{i}' for i in range(1, 7)], weight=0.5))

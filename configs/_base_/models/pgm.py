"""PGM (Wu and Ye, CVPR 2023): ADCA's network; contrast with the partners of clusters, one direction in an epoch."""

from mmengine.config import read_base

from haresreid.models import CrossClusterContrastLoss

with read_base():
    from .adca import *

# in the released log the whole loss is that of infrared, that of visible, and a quarter of that across
model.criterion.losses.update(
    cross=dict(type=CrossClusterContrastLoss, temperature=0.05, feature='bn_embed', gather=True, weight=0.25)
)
partners = dict(matching='progressive')

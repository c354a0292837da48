"""ADCA (Yang et al., ACM MM 2022): AGW's network without a classifier, contrast with clusters of the own modality.

Clusters of the two modalities that choose each other share a feature.
"""

from mmengine.config import read_base

from haresreid.models import ClusterContrastLoss

with read_base():
    from .agw import *

model.head.update(num_classes=0)
model.criterion.losses = dict(
    cluster=dict(type=ClusterContrastLoss, temperature=0.05, feature='bn_embed', gather=True, weight=1.0)
)
partners = dict(matching='votes', aggregate=True)  # for the ClusterHook

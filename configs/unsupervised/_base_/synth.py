"""What the narrow models without labels share: the data, augmentation and start weights of the narrow baselines.

The start weights were trained with labels, on other drawn people: they stand in for ImageNet's.
"""

from mmengine.config import read_base

from haresreid.datasets import ClusterSampler
from haresreid.engine import ClusterHook

with read_base():
    from ..._base_.datasets.caj import views
    from ...baselines._base_.synth import *

train_dataloader.sampler.update(type=ClusterSampler)
train_dataloader.dataset.update(
    pipeline=[train_pipeline[0], dict(views, infrared=[], augment=train_pipeline[1:-1]), train_pipeline[-1]]
)
# a drawn person has about seven visible and four infrared images: few neighbours, small clusters
custom_hooks.append(dict(type=ClusterHook, pipeline=test_pipeline, eps=0.55, min_samples=2, k1=8, k2=3, match_from=2))

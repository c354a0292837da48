"""Batches, pipelines and clusters of ADCA and PGM, by the arguments that PGM's released log states for SYSU-MM01.

A batch has 16 clusters of each modality and 16 images of each. A visible image has a second view, in which one channel
may replace all three, as in CAJ.
"""

from mmengine.config import read_base

from haresreid.datasets import ClusterSampler
from haresreid.engine import ClusterHook

with read_base():
    from .caj import *

cluster_sampler = dict(type=ClusterSampler, num_ids=16, num_instances=16, num_batches=200)
cluster_pipeline = [load, resize, dict(views, infrared=[], augment=[crop, flip, normalize, erase_channels]), pack]
clusters = dict(type=ClusterHook, pipeline=test_pipeline, match_from=50)

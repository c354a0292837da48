"""G2DA (Pattern Recognition 2023), as described: an image and its stripes as a graph, aligned by optimal transport.

Its abstract gives neither formula nor weight, and its parts come from a pose estimator: the metafile says which parts
are our reading.
"""

from mmengine.config import read_base

from haresreid.models import GraphAlignmentLoss, PartGraphHead

with read_base():
    from .two_stream import *

model.head.update(type=PartGraphHead, num_parts=6)
model.criterion.losses.update(alignment=dict(type=GraphAlignmentLoss, structure=0.5, feature='nodes', weight=1.0))

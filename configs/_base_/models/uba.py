"""Unified batch-all triplet (Li et al., IJCNN 2021), from its abstract: one stream, all triplets, cosine classifier.

Random grey, to which HAResformer's paper owes its own, is a step of the pipelines. The scales and the margin are ours.
"""

from mmengine.config import read_base

from haresreid.models import CosineHead, UnifiedBatchAllTripletLoss

with read_base():
    from .one_stream import *

model.head.update(type=CosineHead, scale=16.0)
model.criterion.losses.pop('tri')
model.criterion.losses.update(
    all_tri=dict(type=UnifiedBatchAllTripletLoss, scale=16.0, margin=0.3, feature='embed', weight=1.0),
    all_hc_tri=dict(type=UnifiedBatchAllTripletLoss, scale=16.0, margin=0.3, centers=True, feature='embed', weight=1.0),
)

"""DDAG (Ye et al., ECCV 2020): attention to the parts of an image, and a graph of the images of a batch."""

from mmengine.config import read_base

from haresreid.models import DDAGHead, IDLoss, InverseOf

with read_base():
    from .two_stream import *

model.head.update(type=DDAGHead, test_feature='part')
model.criterion.losses.update(
    part=dict(type=IDLoss, feature='part_logits', weight=1.0),
    graph=dict(type=IDLoss, feature='graph_logits', weight=dict(type=InverseOf, loss=['id', 'tri', 'part'])),
)

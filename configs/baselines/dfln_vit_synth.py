"""DFLN-ViT, narrow, on SynVI."""

from mmengine.config import read_base

with read_base():
    from ._base_.synth import *
    from .._base_.models.dfln_vit import *  # its model replaces HAResformer's

# each stripe is one row of the 6 x 3 map, and each spatial token one of its positions
model.backbone.update(narrow, cell=1)
model.neck.update(in_channels=128, channels=32)
model.head.update(channels=32)

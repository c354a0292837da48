"""A ViT-B/16 trained on people without labels (TransReID-SSL), with identity and triplet loss only."""

from mmengine.config import read_base

with read_base():
    from .vit import model

model.backbone.update(ics_stem=True, pretrained='vit_base_ics_cfs_lup')

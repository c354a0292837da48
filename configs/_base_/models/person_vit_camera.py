"""The person ViT with an embedding of the camera; a data set's config states the number of cameras."""

from mmengine.config import read_base

with read_base():
    from .person_vit import *

model.backbone.update(num_cameras=6)

"""The person ViT on LLCM with an embedding of the camera."""

from mmengine.config import read_base

with read_base():
    from .person_vit_llcm import *
    from ._base_.models.person_vit_camera import *

model.backbone.update(num_cameras=9)

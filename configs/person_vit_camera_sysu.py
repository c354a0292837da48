"""The person ViT on SYSU-MM01 with an embedding of the camera."""

from mmengine.config import read_base

with read_base():
    from .person_vit_sysu import *
    from ._base_.models.person_vit_camera import *

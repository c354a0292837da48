"""The person ViT on RegDB with an embedding of the camera. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from .person_vit_regdb import *
    from ._base_.models.person_vit_camera import *

model.backbone.update(num_cameras=2)

"""Table IV, row 1, on SYSU-MM01: the framework B, row 2 without CFFM."""

from mmengine.config import read_base

from haresreid.models import ConcatFusion

with read_base():
    from .sysu_id_hc_mmd import *

model.backbone.fusion = dict(type=ConcatFusion)

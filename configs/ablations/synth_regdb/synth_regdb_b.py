"""Table IV, row 1, on SynVI, RegDB's layout: the framework B, row 2 without CFFM."""

from mmengine.config import read_base

from haresreid.models import ConcatFusion

with read_base():
    from .synth_regdb_id_hc_mmd import *

model.backbone.fusion = dict(type=ConcatFusion)

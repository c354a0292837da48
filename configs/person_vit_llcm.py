"""The person ViT on LLCM: AdamW at 256 x 128."""

from mmengine.config import read_base

with read_base():
    from .baselines.vit_llcm_paper import *
    from ._base_.models.person_vit import *  # its model replaces TransReID's
    from ._base_.schedules.adamw_pmt import *  # its names replace TransReID's schedule

"""The person ViT on RegDB: AdamW at 256 x 128. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from .baselines.vit_regdb_paper import *
    from ._base_.models.person_vit import *  # its model replaces TransReID's
    from ._base_.schedules.adamw_pmt import *  # its names replace TransReID's schedule

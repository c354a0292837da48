"""ADCA on RegDB. One model per split: --split 1 ... --split 10."""

from mmengine.config import read_base

with read_base():
    from ._base_.regdb import *
    from .._base_.models.adca import *  # its model replaces HAResformer's

custom_hooks[-1].update(partners)

"""ADCA on SYSU-MM01."""

from mmengine.config import read_base

with read_base():
    from ._base_.sysu import *
    from .._base_.models.adca import *  # its model replaces HAResformer's

custom_hooks[-1].update(partners)

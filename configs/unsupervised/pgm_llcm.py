"""PGM on LLCM."""

from mmengine.config import read_base

with read_base():
    from ._base_.llcm import *
    from .._base_.models.pgm import *  # its model replaces HAResformer's

custom_hooks[-1].update(partners)

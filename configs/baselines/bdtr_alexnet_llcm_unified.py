"""BDTR on AlexNet on LLCM, trained as HAResformer is."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_llcm import *
    from .._base_.models.bdtr_alexnet import *  # its model replaces HAResformer's

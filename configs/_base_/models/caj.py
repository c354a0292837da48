"""CAJ (Ye et al., ICCV 2021): AGW's network, squared-difference triplet, mean feature of image and mirror image."""

from mmengine.config import read_base

from haresreid.models import SquaredDifferenceTripletLoss

with read_base():
    from .agw import *

model.criterion.losses.pop('wr_tri')
model.criterion.losses.update(adp=dict(type=SquaredDifferenceTripletLoss, feature='embed', weight=1.0))
model.flip_test = True

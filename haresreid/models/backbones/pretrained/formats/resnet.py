"""ResNets of torchvision, and of MoCo (He et al., CVPR 2020), which LUPerson's (Fu et al., CVPR 2021) stem from."""

from dataclasses import replace

from ..weight_format import WeightFormat

__all__ = ['MOCO', 'TORCHVISION']

TORCHVISION = WeightFormat('torchvision', sign='conv1.weight', names={}, dropped={'fc.': 'the classifier'}, under=('',))
MOCO = replace(
    TORCHVISION, title='MoCo', dropped={'fc.': 'the projection of the contrastive loss'}, under=('encoder_q.',)
)

"""DMiR (TCSVT 2022), as described: a branch for the identity, one for the domain, and what keeps them apart.

Its abstract gives neither formula nor weight: the metafile says which parts are our reading.
"""

from mmengine.config import read_base

from haresreid.models import (
    DomainAdversarialHead,
    DomainBranchResNet,
    FeatureOrthogonalityLoss,
    ModalityLoss,
    WeightedRegularizedTripletLoss,
)

with read_base():
    from .two_stream import *

model.backbone.update(type=DomainBranchResNet)
model.head.update(type=DomainAdversarialHead)
model.criterion.losses.pop('tri')
model.criterion.losses.update(
    wr_tri=dict(type=WeightedRegularizedTripletLoss, feature='embed', weight=1.0),
    modality=dict(type=ModalityLoss, feature=['domain_logits', 'adversary_logits'], weight=0.1),
    orthogonality=dict(type=FeatureOrthogonalityLoss, features=dict(feats='embed', other='domain_embed'), weight=1.0),
)

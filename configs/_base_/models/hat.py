"""HAT (Ye et al., TIFS 2021), as described, for it has no released code: grey images as a third modality.

Grey images pass the visible stem, and all three modalities share the classifier. Which weights the regularisers of
features and logits have was not found; they are 1.
"""

from mmengine.config import read_base

from haresreid.models import GreyModalityGenerator, HomogeneousInvarianceLoss, TriDirectionalRankingLoss

with read_base():
    from .two_stream import *

# undoes and repeats the normalisation of the pipelines
model.generator = dict(type=GreyModalityGenerator, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
model.backbone.update(visible_modalities=(0, 2))
model.criterion.losses.pop('tri')
model.criterion.losses.update(
    ranking=dict(type=TriDirectionalRankingLoss, feature='embed', weight=1.0),
    invariance=dict(type=HomogeneousInvarianceLoss, feature=['embed', 'logits'], weight=1.0),
)

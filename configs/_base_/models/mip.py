"""MIP (Wu et al., ICMR 2024): TransReID with prompts of the modality and of the image, modality-shared enhancement."""

from mmengine.config import read_base

from haresreid.models import ModalitySharedEnhancementLoss, PromptedVisionTransformer, Step

with read_base():
    from .transreid import *

model.backbone.update(type=PromptedVisionTransformer, num_prompts=16, num_instance_prompts=16)
# 0.5, halved between the whole image and the mean of the four parts; from the tenth of 80 epochs
model.criterion.losses.update(
    msel=dict(type=ModalitySharedEnhancementLoss, feature='global', weight=dict(type=Step, at=9 / 80, to=0.25)),
    msel_local=dict(
        type=ModalitySharedEnhancementLoss,
        feature=[f'local_{i}' for i in range(1, 5)],
        weight=dict(type=Step, at=9 / 80, to=0.0625),
    ),
)

"""Building blocks shared by backbones and heads."""

from .non_local import NonLocalBlock
from .patch_conv import PatchConv2d
from .pooling import GeneralizedMeanPooling, GlobalAveragePooling
from .transformer_encoder_stage import TransformerEncoderStage

__all__ = ['GeneralizedMeanPooling', 'GlobalAveragePooling', 'NonLocalBlock', 'PatchConv2d', 'TransformerEncoderStage']

"""Building blocks shared by backbones and heads."""

from .by_modality import by_modality
from .graph_attention import GraphAttention
from .modality_alleviation import ModalityAlleviation
from .modality_batch_norm import ModalityBatchNorm2d
from .modality_classifiers import ModalityClassifiers
from .non_local import NonLocalBlock
from .part_attention import PartAttention
from .patch_conv import PatchConv2d
from .pooling import GeneralizedMeanPooling, GlobalAveragePooling
from .transformer_encoder_stage import TransformerEncoderStage

__all__ = [
    'GeneralizedMeanPooling',
    'GlobalAveragePooling',
    'GraphAttention',
    'ModalityAlleviation',
    'ModalityBatchNorm2d',
    'ModalityClassifiers',
    'NonLocalBlock',
    'PartAttention',
    'PatchConv2d',
    'TransformerEncoderStage',
    'by_modality',
]

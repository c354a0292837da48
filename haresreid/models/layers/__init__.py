"""Building blocks shared by backbones and heads."""

from .attribute_decoder import AttributeDecoder
from .bare_transformer_layer import BareTransformerLayer
from .by_modality import by_modality
from .channel_gate import ChannelGate
from .diverse_expansion import DiverseEmbeddingExpansion
from .each_modality import each_modality
from .feature_selection import FeatureSelection
from .gradient_reversal import reverse_gradient
from .graph_attention import GraphAttention
from .ibn_conv_stem import IBNConvStem
from .image_translator import ImageTranslator
from .level_aggregation import ChannelNonLocal, LevelAggregation, PositionNonLocal
from .modality_alleviation import ModalityAlleviation
from .modality_batch_norm import ModalityBatchNorm2d
from .modality_classifiers import ModalityClassifiers
from .non_local import NonLocal, NonLocalBlock
from .part_attention import PartAttention
from .partners_of import partners_of
from .patch_conv import PatchConv2d
from .pooling import ClassToken, GeneralizedMeanPooling, GlobalAveragePooling
from .prototype_encoder import PrototypeEncoder
from .spatial_tokens import SpatialTokens
from .style_decoder import StyleDecoder
from .style_encoder import StyleEncoder
from .temporal_pooling import TemporalMean
from .token_grid import token_grid
from .transformer_encoder_stage import TransformerEncoderStage

__all__ = [
    'AttributeDecoder',
    'BareTransformerLayer',
    'ChannelGate',
    'ChannelNonLocal',
    'ClassToken',
    'DiverseEmbeddingExpansion',
    'FeatureSelection',
    'GeneralizedMeanPooling',
    'GlobalAveragePooling',
    'GraphAttention',
    'IBNConvStem',
    'ImageTranslator',
    'LevelAggregation',
    'ModalityAlleviation',
    'ModalityBatchNorm2d',
    'ModalityClassifiers',
    'NonLocal',
    'NonLocalBlock',
    'PartAttention',
    'PatchConv2d',
    'PositionNonLocal',
    'PrototypeEncoder',
    'SpatialTokens',
    'StyleDecoder',
    'StyleEncoder',
    'TemporalMean',
    'TransformerEncoderStage',
    'by_modality',
    'each_modality',
    'partners_of',
    'reverse_gradient',
    'token_grid',
]

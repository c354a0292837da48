"""Networks from images to feature maps."""

from .aligned_resnet import AlignedMaps, AlignedResNet
from .expanding_resnet import ExpandingResNet
from .hfe import HierarchicalFeatureExtractor, HierarchicalFeatures
from .jigsaw_vision_transformer import JigsawVisionTransformer
from .pretrained import load_pretrained_resnet
from .pretrained_lite0 import load_pretrained_lite0
from .pretrained_vit import load_pretrained_vit
from .reid_vision_transformer import ReIDVisionTransformer
from .resnet_encoder import ResNetEncoder
from .separate_norm_resnet import SeparateNormResNet
from .stages import stages_of
from .two_stream_efficientnet import TwoStreamEfficientNet
from .two_stream_resnet import TwoStreamResNet

__all__ = [
    'AlignedMaps',
    'AlignedResNet',
    'ExpandingResNet',
    'HierarchicalFeatureExtractor',
    'HierarchicalFeatures',
    'JigsawVisionTransformer',
    'ReIDVisionTransformer',
    'ResNetEncoder',
    'SeparateNormResNet',
    'TwoStreamEfficientNet',
    'TwoStreamResNet',
    'load_pretrained_lite0',
    'load_pretrained_resnet',
    'load_pretrained_vit',
    'stages_of',
]

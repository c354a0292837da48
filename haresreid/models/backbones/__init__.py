"""Networks from images to feature maps."""

from .aligned_resnet import AlignedMaps, AlignedResNet
from .expanding_resnet import ExpandingResNet
from .hfe import HierarchicalFeatureExtractor, HierarchicalFeatures
from .pretrained import load_pretrained_resnet
from .resnet_encoder import ResNetEncoder
from .separate_norm_resnet import SeparateNormResNet
from .stages import stages_of
from .two_stream_resnet import TwoStreamResNet

__all__ = [
    'AlignedMaps',
    'AlignedResNet',
    'ExpandingResNet',
    'HierarchicalFeatureExtractor',
    'HierarchicalFeatures',
    'ResNetEncoder',
    'SeparateNormResNet',
    'TwoStreamResNet',
    'load_pretrained_resnet',
    'stages_of',
]

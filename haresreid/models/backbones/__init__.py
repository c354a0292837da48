"""Networks from images to feature maps."""

from .hfe import HierarchicalFeatureExtractor, HierarchicalFeatures
from .pretrained import load_pretrained_resnet
from .resnet_encoder import ResNetEncoder

__all__ = ['HierarchicalFeatureExtractor', 'HierarchicalFeatures', 'ResNetEncoder', 'load_pretrained_resnet']

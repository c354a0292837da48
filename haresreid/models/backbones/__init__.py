"""Networks from images to feature maps."""

from .aligned_resnet import AlignedMaps, AlignedResNet
from .clip_resnet import CLIPResNet
from .disentangling_resnet import DisentangledFeatures, DisentanglingResNet
from .domain_branch_resnet import DomainBranchResNet
from .enlarging_resnet import EnlargingResNet
from .expanding_resnet import ExpandingResNet
from .grey_resnet import GreyResNet
from .hfe import HierarchicalFeatureExtractor, HierarchicalFeatures
from .jigsaw_vision_transformer import JigsawVisionTransformer
from .modality_vision_transformer import ModalityVisionTransformer
from .osnet import OSNet
from .pretrained import load_pretrained
from .prompted_vision_transformer import PromptedVisionTransformer
from .reid_swin_transformer import ReIDSwinTransformer
from .reid_vision_transformer import ReIDVisionTransformer
from .resnet_encoder import ResNetEncoder
from .separate_norm_resnet import SeparateNormResNet
from .stages import stages_of
from .token_enhanced_resnet import TokenEnhancedResNet
from .top_token_vision_transformer import TopTokenVisionTransformer
from .two_stream_alexnet import TwoStreamAlexNet
from .two_stream_efficientnet import TwoStreamEfficientNet
from .two_stream_resnet import TwoStreamResNet

__all__ = [
    'AlignedMaps',
    'AlignedResNet',
    'CLIPResNet',
    'DisentangledFeatures',
    'DisentanglingResNet',
    'DomainBranchResNet',
    'EnlargingResNet',
    'ExpandingResNet',
    'GreyResNet',
    'HierarchicalFeatureExtractor',
    'HierarchicalFeatures',
    'JigsawVisionTransformer',
    'ModalityVisionTransformer',
    'OSNet',
    'PromptedVisionTransformer',
    'ReIDSwinTransformer',
    'ReIDVisionTransformer',
    'ResNetEncoder',
    'SeparateNormResNet',
    'TokenEnhancedResNet',
    'TopTokenVisionTransformer',
    'TwoStreamAlexNet',
    'TwoStreamEfficientNet',
    'TwoStreamResNet',
    'load_pretrained',
    'stages_of',
]

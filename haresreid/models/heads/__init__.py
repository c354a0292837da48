"""Heads: from backbone features to embeddings, losses and retrieval features."""

from .bnneck_head import BNNeckHead
from .bottleneck_head import BottleneckHead
from .cosine_head import CosineHead
from .ddag_head import DDAGHead
from .domain_adversarial_head import DomainAdversarialHead
from .fully_connected_head import FullyConnectedHead
from .hgae_head import HGAEHead
from .jigsaw_head import JigsawHead
from .joint_bnneck_head import JointBNNeckHead
from .lba_head import LbAHead
from .modality_removal_head import ModalityRemovalHead
from .part_graph_head import PartGraphHead
from .pattern_head import PatternHead
from .prototype_style_head import PrototypeStyleHead
from .reid_head import ReIDHead
from .stripe_bnneck_head import StripeBNNeckHead
from .stripe_head import StripeHead

__all__ = [
    'BNNeckHead',
    'BottleneckHead',
    'CosineHead',
    'DDAGHead',
    'DomainAdversarialHead',
    'FullyConnectedHead',
    'HGAEHead',
    'JigsawHead',
    'JointBNNeckHead',
    'LbAHead',
    'ModalityRemovalHead',
    'PartGraphHead',
    'PatternHead',
    'PrototypeStyleHead',
    'ReIDHead',
    'StripeBNNeckHead',
    'StripeHead',
]

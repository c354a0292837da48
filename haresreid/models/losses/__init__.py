"""Losses: small modules ``loss(feats, batch) -> scalar`` that read labels, never positions in a batch."""

from .absolute_difference import AbsoluteDifferenceLoss
from .attracted_triplet import AttractedTripletLoss
from .batch_hard_triplet import BatchHardTripletLoss
from .branch_orthogonality import BranchOrthogonalityLoss
from .center_cluster import CenterClusterLoss
from .center_pair_mining import CenterPairMiningLoss
from .center_ranking import CenterRankingLoss
from .circle import CircleLoss
from .class_mmd import ClassMMDLoss
from .cluster_contrast import ClusterContrastLoss
from .cluster_memory import ClusterMemory
from .contrastive import ContrastiveLoss
from .criterion import Criterion
from .cross_cluster_contrast import CrossClusterContrastLoss
from .cross_modality_gap import CrossModalityGapLoss
from .dense_triplet import DenseTripletLoss
from .discriminative_center import DiscriminativeCenterLoss
from .distribution_consistency import DistributionConsistencyLoss
from .feature_distillation import FeatureDistillationLoss
from .feature_orthogonality import FeatureOrthogonalityLoss
from .functional import fp32_island, modality_centers, pairwise_distance
from .gradient_penalty import GradientPenaltyLoss
from .graph_alignment import GraphAlignmentLoss
from .hc_triplet import HCTripletLoss
from .hetero_center import HeteroCenterLoss
from .homogeneous_invariance import HomogeneousInvarianceLoss
from .id_loss import IDLoss
from .info_nce import InfoNCELoss
from .kl_divergence import KLDivergenceLoss
from .least_squares import LeastSquaresLoss
from .loss import ReIDLoss
from .mask_separation import MaskSeparationLoss
from .mmd import MMDLoss
from .modality_aware_enhancement import ModalityAwareEnhancementLoss
from .modality_loss import ModalityLoss
from .modality_shared_enhancement import ModalitySharedEnhancementLoss
from .similarity_distillation import SimilarityDistillationLoss
from .similarity_preserving import SimilarityPreservingLoss
from .squared_triplet import SquaredDifferenceTripletLoss
from .symmetric_kl import SymmetricKLLoss
from .top_ranking import DualConstrainedTopRankingLoss
from .tri_directional import TriDirectionalRankingLoss
from .unified_batch_all import UnifiedBatchAllTripletLoss
from .weighted_triplet import WeightedRegularizedTripletLoss
from .weights import InverseOf, Ramp, Step

__all__ = [
    'AbsoluteDifferenceLoss',
    'AttractedTripletLoss',
    'BatchHardTripletLoss',
    'BranchOrthogonalityLoss',
    'CenterClusterLoss',
    'CenterPairMiningLoss',
    'CenterRankingLoss',
    'CircleLoss',
    'ClassMMDLoss',
    'ClusterContrastLoss',
    'ClusterMemory',
    'ContrastiveLoss',
    'Criterion',
    'CrossClusterContrastLoss',
    'CrossModalityGapLoss',
    'DenseTripletLoss',
    'DiscriminativeCenterLoss',
    'DistributionConsistencyLoss',
    'DualConstrainedTopRankingLoss',
    'FeatureDistillationLoss',
    'FeatureOrthogonalityLoss',
    'GradientPenaltyLoss',
    'GraphAlignmentLoss',
    'HCTripletLoss',
    'HeteroCenterLoss',
    'HomogeneousInvarianceLoss',
    'IDLoss',
    'InfoNCELoss',
    'InverseOf',
    'KLDivergenceLoss',
    'LeastSquaresLoss',
    'MMDLoss',
    'MaskSeparationLoss',
    'ModalityAwareEnhancementLoss',
    'ModalityLoss',
    'ModalitySharedEnhancementLoss',
    'Ramp',
    'ReIDLoss',
    'SimilarityDistillationLoss',
    'SimilarityPreservingLoss',
    'SquaredDifferenceTripletLoss',
    'Step',
    'SymmetricKLLoss',
    'TriDirectionalRankingLoss',
    'UnifiedBatchAllTripletLoss',
    'WeightedRegularizedTripletLoss',
    'fp32_island',
    'modality_centers',
    'pairwise_distance',
]

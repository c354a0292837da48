"""Protocols, metrics and references of visible-infrared re-identification."""

from .evaluate import METRIC_NAMES, ProtocolResult, evaluate, evaluate_trials, score_trial
from .external_features import ExternalFeatures, load_external_features
from .feature_set import FeatureSet
from .hcml import LearnedMetric, learn_hcml
from .metrics import VIReIDMetric
from .protocols import (
    PROTOCOL_NAMES,
    BUPTProtocol,
    CrossModalProtocol,
    FixedGallery,
    LLCMProtocol,
    MixedGalleryProtocol,
    RegDBProtocol,
    SYSUProtocol,
    VCMProtocol,
    protocol_by_name,
)
from .references import evaluate_chance, evaluate_references, hog_features, hsv_features, patch_features
from .reranking import RERANKERS, average_query_expansion, k_reciprocal
from .results import data_fingerprint, format_results, results_to_dict, write_results
from .rows import by_protocol, evaluate_rows
from .tracks import pool_tracks, track_names

__all__ = [
    'METRIC_NAMES',
    'PROTOCOL_NAMES',
    'RERANKERS',
    'BUPTProtocol',
    'CrossModalProtocol',
    'ExternalFeatures',
    'FeatureSet',
    'FixedGallery',
    'LLCMProtocol',
    'LearnedMetric',
    'MixedGalleryProtocol',
    'ProtocolResult',
    'RegDBProtocol',
    'SYSUProtocol',
    'VCMProtocol',
    'VIReIDMetric',
    'average_query_expansion',
    'by_protocol',
    'data_fingerprint',
    'evaluate',
    'evaluate_chance',
    'evaluate_references',
    'evaluate_rows',
    'evaluate_trials',
    'format_results',
    'hog_features',
    'hsv_features',
    'k_reciprocal',
    'learn_hcml',
    'load_external_features',
    'patch_features',
    'pool_tracks',
    'protocol_by_name',
    'results_to_dict',
    'score_trial',
    'track_names',
    'write_results',
]

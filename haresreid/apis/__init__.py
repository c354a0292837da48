"""A trained model in a few calls: load it, extract features, rank a gallery, or take its whole test set."""

from .inference import extract_features, init_model, rank
from .test_set import extract_feature_set, load_trained

__all__ = ['extract_feature_set', 'extract_features', 'init_model', 'load_trained', 'rank']

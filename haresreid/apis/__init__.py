"""A trained model in three calls: load it, extract features, rank a gallery."""

from .inference import extract_features, init_model, rank

__all__ = ['extract_features', 'init_model', 'rank']

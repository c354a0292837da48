"""Heads: from backbone features to embeddings, losses and retrieval features."""

from .bnneck_head import BNNeckHead
from .hgae_head import HGAEHead

__all__ = ['BNNeckHead', 'HGAEHead']

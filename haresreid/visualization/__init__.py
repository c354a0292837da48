"""Pictures of a run: what was retrieved, and how the training went."""

from .ranked_lists import draw_ranked_lists
from .training_curves import draw_training_curves

__all__ = ['draw_ranked_lists', 'draw_training_curves']

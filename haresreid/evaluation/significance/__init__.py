"""Whether the difference between two results is more than chance."""

from .paired import Difference, compare
from .scored_runs import read_runs
from .seeds import SeedDifference, compare_seeds, seeds_needed
from .variance import VarianceSplit, split_variance

__all__ = [
    'Difference',
    'SeedDifference',
    'VarianceSplit',
    'compare',
    'compare_seeds',
    'read_runs',
    'seeds_needed',
    'split_variance',
]

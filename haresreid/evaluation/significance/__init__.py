"""Whether the difference between two results is more than chance."""

from .against import adjusted_p_values
from .paired import Difference, compare
from .scored_runs import read_result_queries, read_runs
from .seeds import SeedDifference, compare_seeds, seeds_needed
from .variance import VarianceSplit, split_variance

__all__ = [
    'Difference',
    'SeedDifference',
    'VarianceSplit',
    'adjusted_p_values',
    'compare',
    'compare_seeds',
    'read_result_queries',
    'read_runs',
    'seeds_needed',
    'split_variance',
]

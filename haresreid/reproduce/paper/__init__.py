"""The figures that the paper prints, and the recipe that trains each row."""

from .not_run import NOT_RUN, method_of
from .recipe import Recipe
from .rows import TableRow, original_of, rows
from .tables import PAPER_TABLES, PaperRow, PaperTable, paper_table
from .variants import VARIANTS, variant_overrides

__all__ = [
    'NOT_RUN',
    'PAPER_TABLES',
    'VARIANTS',
    'PaperRow',
    'PaperTable',
    'Recipe',
    'TableRow',
    'method_of',
    'original_of',
    'paper_table',
    'rows',
    'variant_overrides',
]

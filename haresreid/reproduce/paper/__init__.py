"""The figures that the paper prints, and the recipe that trains each row."""

from .recipe import Recipe
from .rows import TableRow, rows
from .tables import PAPER_TABLES, PaperRow, PaperTable, paper_table
from .variants import VARIANTS, variant_overrides

__all__ = [
    'PAPER_TABLES',
    'VARIANTS',
    'PaperRow',
    'PaperTable',
    'Recipe',
    'TableRow',
    'paper_table',
    'rows',
    'variant_overrides',
]

"""The figures that the paper prints, and what trains the row that each belongs to."""

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

"""The figures that the paper prints, and which config trains the row that each belongs to."""

from .rows import DATASETS, TableRow, rows
from .tables import PAPER_TABLES, PaperRow, PaperTable, paper_table

__all__ = ['DATASETS', 'PAPER_TABLES', 'PaperRow', 'PaperTable', 'TableRow', 'paper_table', 'rows']

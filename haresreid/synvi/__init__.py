"""SynVI: procedurally drawn people in the folder layouts of SYSU-MM01, RegDB and LLCM."""

from .contact_sheet import draw_contact_sheet
from .layouts import subset_counts
from .spec import GENERATOR_VERSION, LAYOUTS, LEVELS, SynVISpec
from .writer import is_complete, write_synvi

__all__ = [
    'GENERATOR_VERSION',
    'LAYOUTS',
    'LEVELS',
    'SynVISpec',
    'draw_contact_sheet',
    'is_complete',
    'subset_counts',
    'write_synvi',
]

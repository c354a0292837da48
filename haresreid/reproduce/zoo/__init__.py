"""The model zoo: metafiles with what is known of each method, and the page made from them."""

from .code_lines import count_code_lines, lines_table
from .metafile import FROM_MEMORY, Metafile, read_metafiles
from .page import cost_table, render_page
from .refresh import cite, read_ours, refresh_costs

__all__ = [
    'FROM_MEMORY',
    'Metafile',
    'cite',
    'cost_table',
    'count_code_lines',
    'lines_table',
    'read_metafiles',
    'read_ours',
    'refresh_costs',
    'render_page',
]

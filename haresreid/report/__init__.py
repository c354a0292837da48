"""A report on a run as one HTML page: read the work directory, make the sections, lay them out."""

from .blocks import NotShown, Section
from .page import render
from .run import Run, read_run
from .sections import SECTIONS, make_section

__all__ = ['SECTIONS', 'NotShown', 'Run', 'Section', 'make_section', 'read_run', 'render']

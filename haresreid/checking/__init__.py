"""The data checker: it reads a whole data set and reports every fault, without changing anything."""

from .check import check_dataset
from .finding import Finding, Severity
from .layouts import LAYOUTS
from .report import Report
from .visible_set import check_visible_set

__all__ = ['LAYOUTS', 'Finding', 'Report', 'Severity', 'check_dataset', 'check_visible_set']

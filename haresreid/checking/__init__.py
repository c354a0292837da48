"""The data checker: reads a data set to the end and names everything that is wrong with it, without touching it."""

from .check import check_dataset
from .finding import Finding, Severity
from .layouts import LAYOUTS
from .report import Report

__all__ = ['LAYOUTS', 'Finding', 'Report', 'Severity', 'check_dataset']

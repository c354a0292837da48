"""Measurements inside a trained model."""

from .branch_gradients import BranchGradients, branch_gradients, gradient_norms
from .branch_probe import BranchMeans, BranchProbe, StageBranches, Stream, has_branches, held_at
from .branch_report import BranchReport, Retrieval, branch_report
from .part_probe import PartProbe, part_named
from .part_report import PartReport, part_report

__all__ = [
    'BranchGradients',
    'BranchMeans',
    'BranchProbe',
    'BranchReport',
    'PartProbe',
    'PartReport',
    'Retrieval',
    'StageBranches',
    'Stream',
    'branch_gradients',
    'branch_report',
    'gradient_norms',
    'has_branches',
    'held_at',
    'part_named',
    'part_report',
]

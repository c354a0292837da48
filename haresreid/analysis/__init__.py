"""Measurements inside a trained model."""

from .branch_gradients import BranchGradients, branch_gradients, gradient_norms
from .branch_probe import BranchMeans, BranchProbe, StageBranches, Stream, has_branches, held_at
from .branch_report import BranchReport, Retrieval, branch_report

__all__ = [
    'BranchGradients',
    'BranchMeans',
    'BranchProbe',
    'BranchReport',
    'Retrieval',
    'StageBranches',
    'Stream',
    'branch_gradients',
    'branch_report',
    'gradient_norms',
    'has_branches',
    'held_at',
]

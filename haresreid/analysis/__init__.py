"""What goes on inside a trained model."""

from .branch_gradients import BranchGradients, branch_gradients
from .branch_probe import BranchMeans, BranchProbe, StageBranches, held_at
from .branch_report import BranchReport, Retrieval, branch_report

__all__ = [
    'BranchGradients', 'BranchMeans', 'BranchProbe', 'BranchReport', 'Retrieval', 'StageBranches', 'branch_gradients',
    'branch_report', 'held_at'
]

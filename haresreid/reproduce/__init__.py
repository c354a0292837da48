"""The paper's tables run again: which trainings they need, running them, and ours beside the paper's."""

from .compare import Comparison, compare, full_size_costs
from .runs import Run, RunState, nearest, plan_runs, run_state
from .schedule import format_seconds, read_pace, run_all, time_left
from .start_weights import start_runs

__all__ = [
    'Comparison', 'Run', 'RunState', 'compare', 'format_seconds', 'full_size_costs', 'nearest', 'plan_runs',
    'read_pace', 'run_all', 'run_state', 'start_runs', 'time_left'
]

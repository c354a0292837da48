"""The paper's tables and the baselines: which trainings they need, running these, and the figures as tables."""

from .baselines import BASELINE_DATASETS, BaselineTable, baseline_configs, compare_baselines
from .branches import probe_branches, read_run_results
from .compare import Comparison, compare, full_size_costs
from .runs import Run, RunState, nearest, plan_runs, run_state
from .schedule import format_seconds, read_pace, run_all, time_left
from .start_weights import start_runs

__all__ = [
    'BASELINE_DATASETS',
    'BaselineTable',
    'Comparison',
    'Run',
    'RunState',
    'baseline_configs',
    'compare',
    'compare_baselines',
    'format_seconds',
    'full_size_costs',
    'nearest',
    'plan_runs',
    'probe_branches',
    'read_pace',
    'read_run_results',
    'run_all',
    'run_state',
    'start_runs',
    'time_left',
]

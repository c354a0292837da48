"""The paper's tables and the baselines: which trainings they need, running these, and the figures as tables."""

from .baselines import BASELINE_DATASETS, BaselineTable, baseline_configs, compare_baselines
from .branches import probe_branches, read_run_results
from .compare import Comparison, compare, full_size_costs
from .plan import describe_plan, plan_tables
from .runs import Run, RunState, nearest, plan_runs, run_state
from .schedule import format_seconds, read_pace, run_all, time_left
from .start_weights import start_runs
from .tables import lambda_points, write_tables

__all__ = [
    'BASELINE_DATASETS',
    'BaselineTable',
    'Comparison',
    'Run',
    'RunState',
    'baseline_configs',
    'compare',
    'compare_baselines',
    'describe_plan',
    'format_seconds',
    'full_size_costs',
    'lambda_points',
    'nearest',
    'plan_runs',
    'plan_tables',
    'probe_branches',
    'read_pace',
    'read_run_results',
    'run_all',
    'run_state',
    'start_runs',
    'time_left',
    'write_tables',
]

"""The runs behind some tables, and what is left to do."""

from collections.abc import Sequence
from pathlib import Path

from haresreid.catalogue import CATALOGUE, RUN_DATASETS
from haresreid.config.config import read_overrides

from .baselines import baseline_recipes
from .methods import refuse_idle_all_methods, table_rows
from .nearest import nearest
from .paper import PAPER_TABLES, Recipe
from .runs import Run, plan_runs, run_state
from .schedule import format_seconds, read_pace, time_left

__all__ = ['TABLES', 'describe_plan', 'plan_tables']

TABLES = (*PAPER_TABLES, 'baselines')
# a narrow run on two cores; there is no such value for the real sets, since nobody here has trained on them
SYNVI_SECONDS_PER_EPOCH = 20.0


def plan_tables(
    tables: Sequence[str],
    dataset: str,
    seeds: int,
    splits: Sequence[int],
    work_dir: Path,
    data_root: str | None = None,
    cfg_options: Sequence[str] = (),
    all_methods: bool = False,
) -> list[Run]:
    """The runs behind some tables; rows with the same training share their runs.

    Args:
        tables (Sequence[str]): Names from ``TABLES``.
        dataset (str): One of ``RUN_DATASETS``.
        seeds (int): Models per row: seeds 0 to ``seeds`` - 1.
        splits (Sequence[int]): RegDB's splits, a model for each; other sets have none.
        work_dir (Path): The folder below which every run has a folder of its own.
        data_root (str, optional): Folder of the data set, instead of the configs'. Defaults to None.
        cfg_options (Sequence[str]): KEY=VALUE, for every run. Defaults to none.
        all_methods (bool): Whether the tables of methods also get the baselines that the paper leaves out.

    Raises:
        ValueError: If there is no such table or data set, the table is not about this data set, no table can take all
            methods, or a config has no use for an option.
    """
    tables = [nearest('table', name, TABLES) for name in tables]
    nearest('data set', dataset, RUN_DATASETS)
    if all_methods:
        refuse_idle_all_methods(tables)
    recipes = dict.fromkeys(recipe for table in tables for recipe in _recipes(table, dataset, all_methods))
    options = [f'--data-root={data_root}'] if data_root else []
    if cfg_options:
        options += ['--cfg-options', *cfg_options]
    splits = splits if len(CATALOGUE[RUN_DATASETS[dataset]].splits) > 1 else []
    return plan_runs(recipes, range(seeds), splits, work_dir, options, read_overrides(cfg_options))


def describe_plan(runs: Sequence[Run], dataset: str, jobs: int, seconds_per_epoch: float | None = None) -> str:
    """Every run with its state, and how long the rest will take.

    Args:
        runs (Sequence[Run]): The runs of :func:`plan_tables`, preceded by those that they start from.
        dataset (str): See :func:`plan_tables`.
        jobs (int): Number of simultaneous runs.
        seconds_per_epoch (float, optional): Time of one run. Defaults to None: the time that the finished runs took.
    """
    states = [run_state(run) for run in runs]
    width = max(len(run.name) for run in runs)
    pace, basis = _pace(runs, dataset, jobs, seconds_per_epoch)
    left = time_left(runs, jobs, pace)
    epochs = sum(run.epochs - state.epoch for run, state in zip(runs, states))
    return '\n'.join(
        [
            *(f'{run.name:{width}}  {state}' for run, state in zip(runs, states)),
            '',
            f'{sum(not state.finished for state in states)} of {len(runs)} runs to go, {epochs} epochs; '
            f'time with --jobs {jobs}: {"unknown" if left is None else format_seconds(left)} ({basis})',
        ]
    )


def _recipes(table: str, dataset: str, all_methods: bool) -> list[Recipe]:
    if table == 'baselines':
        return list(baseline_recipes(dataset).values())
    return [row.recipe for row in table_rows(table, dataset, all_methods) if row.recipe]


def _pace(runs: Sequence[Run], dataset: str, jobs: int, given: float | None) -> tuple[float | None, str]:
    """Seconds per epoch of one run, and where that value comes from."""
    if given:
        return given, f'{given:g} s per epoch, as --seconds-per-epoch says'
    if pace := read_pace(runs):
        return pace, f'{pace:.1f} s per epoch, as the finished runs took'
    if dataset.startswith('synth'):
        pace = SYNVI_SECONDS_PER_EPOCH * jobs  # jobs share the cores, so several are hardly faster than one
        return pace, f'{pace:g} s per epoch of one run, a guess for two cores until a run is finished here'
    return None, 'no run is finished here; --seconds-per-epoch gives an estimate'

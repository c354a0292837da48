"""A sweep: trainings whose options Optuna chooses, each from the results of those before it."""

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DatabaseError

from haresreid.evaluation.results import read_results

from .runs import Run
from .schedule import format_seconds, run_all

__all__ = ['first_of', 'importances', 'open_study', 'options_of', 'read_space', 'sweep', 'trials_of']

NAME = 'sweep'
HOPELESS = 3  # trials that fail before any succeeds end a sweep


def read_space(options: Sequence[str]) -> dict[str, BaseDistribution]:
    """What a sweep may choose, by config key.

    Args:
        options (Sequence[str]): ``KEY=LOW:HIGH`` for whole numbers or decimals, ``KEY=LOW:HIGH:log`` for a logarithmic
            scale, ``KEY=A,B,C`` for values of any kind.

    Raises:
        ValueError: If an option is of no such form, or a key is given twice.
    """
    space: dict[str, BaseDistribution] = {}
    for option in options:
        key, _, text = option.partition('=')
        if not key:
            raise ValueError(f'--search {option} names no config key before the =')
        if key in space:
            raise ValueError(f'--search has {key} twice: give one')
        try:
            space[key] = _distribution(text)
        except ValueError as error:
            raise ValueError(
                f'--search {option}: {error}; it takes KEY=LOW:HIGH, KEY=LOW:HIGH:log or KEY=A,B,C'
            ) from None
    return space


def _distribution(text: str) -> BaseDistribution:
    if ':' not in text:
        values = re.split(r',(?![^([]*[)\]])', text)  # at commas outside of brackets
        if len(set(values)) < max(2, len(values)) or not all(values):
            raise ValueError('it needs two different values or more')
        return CategoricalDistribution(values)
    low, high, *scale = text.split(':')
    if scale not in ([], ['log']):
        raise ValueError(f'{":".join(scale)!r} is no scale')
    whole = all(re.fullmatch(r'-?[0-9]{1,18}', text) for text in (low, high))
    number, distribution = (int, IntDistribution) if whole else (float, FloatDistribution)
    if not all(math.isfinite(float(bound)) for bound in (low, high)):
        raise ValueError('its bounds must be finite')
    return distribution(number(low), number(high), log=bool(scale))


def first_of(space: dict[str, BaseDistribution]) -> dict[str, object]:
    """One choice for every key."""
    return {
        key: each.choices[0] if isinstance(each, CategoricalDistribution) else each.low for key, each in space.items()
    }


def options_of(parameters: dict[str, object]) -> list[str]:
    """The choices of a trial as ``KEY=VALUE``, for ``--cfg-options``."""
    return [f'{key}={value}' for key, value in parameters.items()]


def open_study(folder: Path, space: dict[str, BaseDistribution], **definition: object) -> optuna.Study:
    """The study in a folder's ``sweep.db``, an SQLite file, or a new one.

    Args:
        folder (Path): Where it is; it must exist.
        space (dict[str, BaseDistribution]): Of :func:`read_space`.
        definition: What else must be the same when a sweep goes on; JSON values.

    Raises:
        ValueError: If the folder holds another sweep, or a file that is none.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    definition['space'] = {key: repr(distribution) for key, distribution in space.items()}
    file = (folder / 'sweep.db').absolute()
    try:
        study = optuna.create_study(
            storage=f'sqlite:///{file}', study_name=NAME, direction='maximize', load_if_exists=True
        )
    except DatabaseError as error:
        raise ValueError(f'{file} is not the database of a sweep ({error.orig}): give another --work-dir') from error
    found = study.user_attrs.get('definition')
    if found is None:
        study.set_user_attr('definition', definition)
    elif differing := [key for key in definition if found.get(key) != definition[key]]:
        raise ValueError(
            f'{folder} holds a sweep with another {", ".join(differing)}: give another --work-dir, or the options that '
            'it was begun with'
        )
    return study


def trials_of(study: optuna.Study, space: dict[str, BaseDistribution]) -> list[FrozenTrial]:
    """The trials of a study, without those of a command that was killed while it chose."""
    return [trial for trial in study.get_trials(deepcopy=False) if trial.params.keys() == space.keys()]


def sweep(
    study: optuna.Study,
    space: dict[str, BaseDistribution],
    plan: Callable[[FrozenTrial], Run],
    metric: str,
    trials: int,
    jobs: int = 1,
    seed: int = 0,
    report: Callable[[str], None] = print,
) -> None:
    """Train until the study has so many trials; those that a killed command left are finished first.

    A trial's choices follow from the seed, its number and the results before it (TPE), not from when the command was
    started. With several jobs, so many trials are chosen together, and the next ones when all of them have ended.

    Args:
        study (optuna.Study): Of :func:`open_study`.
        space (dict[str, BaseDistribution]): Of :func:`read_space`.
        plan (Callable[[FrozenTrial], Run]): The training of a trial.
        metric (str): What is maximised: ``<protocol>/<metric>``.
        trials (int): How many there are in the end, failed ones included.
        jobs (int): Trials at a time. Defaults to 1.
        seed (int): Of the choices. Defaults to 0.
        report (Callable): Called with lines about the progress.

    Raises:
        ValueError: If the first trials all fail.
    """
    while True:
        known = trials_of(study, space)
        running = [trial for trial in known if not trial.state.is_finished()]
        if not running and len(known) >= trials:
            return
        if not running:
            study.sampler = optuna.samplers.TPESampler(seed=seed + len(known), constant_liar=jobs > 1)
            for _ in range(min(jobs, trials - len(known))):
                study.ask(space)
            running = [trial for trial in trials_of(study, space) if not trial.state.is_finished()]
        runs = {trial.number: plan(trial) for trial in running}
        for trial in running:
            report(f'trial {trial.number}: {" ".join(options_of(trial.params))}')
        failed = run_all(list(runs.values()), jobs, report)
        for number, run in runs.items():
            if run in failed:
                study.tell(number, state=TrialState.FAIL)
            else:
                study.tell(number, _figure(run, metric))
        report(_progress(study, space, metric, trials, jobs))
        ended = [trial.state for trial in trials_of(study, space)]
        if ended.count(TrialState.FAIL) == len(ended) >= HOPELESS:
            raise ValueError(f'all {len(ended)} trials failed so far: the end of a log above says why')


def importances(study: optuna.Study) -> dict[str, float]:
    """How much of the metric's variance each choice explains (fANOVA), from the most to the least; shares of one.

    It is empty while too few trials are finished, or all have the same result.
    """
    values = {trial.value for trial in study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))}
    if len(values) < 2:
        return {}
    return optuna.importance.get_param_importances(study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0))


def _figure(run: Run, metric: str) -> float:
    """The metric of a finished run, in percent."""
    protocol, _, name = metric.rpartition('/')
    return 100 * read_results(run.folder / 'metrics.json')['protocols'][protocol]['ours']['mean'][name]


def _progress(study: optuna.Study, space: dict[str, BaseDistribution], metric: str, trials: int, jobs: int) -> str:
    known = trials_of(study, space)
    complete = [trial for trial in known if trial.state == TrialState.COMPLETE]
    if not complete:
        return f'{len(known)} of {trials} trials, none of them finished'
    best = max(complete, key=lambda trial: trial.value)
    seconds = sorted(trial.duration.total_seconds() for trial in complete)[len(complete) // 2]
    return (
        f'{len(known)} of {trials} trials; {metric} {complete[-1].value:.2f}, the best so far {best.value:.2f} of '
        f'trial {best.number}; ETA {format_seconds(seconds * max(0, trials - len(known)) / jobs)}'
    )

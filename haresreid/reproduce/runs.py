"""The trainings that a set of configs needs, and the progress of each."""

import copy
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config

from haresreid.config.config import config_hash
from haresreid.evaluation.results import read_results
from haresreid.files.paths import PROGRAM
from haresreid.files.text_files import read_json

from .paper import Recipe

__all__ = ['Run', 'RunState', 'plan_runs', 'run_state']


@dataclass(frozen=True)
class Run:
    """One training, in a folder of its own.

    Attributes:
        recipe: The config and its variant.
        seed: Seed of initialisation, sampling and augmentation.
        split: RegDB's split; None for a set without splits.
        folder: Its work directory.
        hash: :func:`haresreid.config.config.config_hash` of its config.
        epochs: Length of the training.
        command: The command that starts or resumes it.
    """

    recipe: Recipe
    seed: int
    split: int | None
    folder: Path
    hash: str
    epochs: int
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name in messages, such as 'haresformer_sysu_aux_s14, seed 0'."""
        split = '' if self.split is None else f', split {self.split}'
        return f'{self.recipe.name}{split}, seed {self.seed}'

    @property
    def record(self) -> Path:
        """The file that says which run the folder belongs to, and how long the training took."""
        return self.folder / 'run.json'

    @property
    def log(self) -> Path:
        """The file to which the training's output is appended."""
        return self.folder / 'train.log'


@dataclass(frozen=True)
class RunState:
    """The progress of a run: ``epoch`` epochs are done, and ``finished`` means that it has its results."""

    epoch: int
    finished: bool

    def __str__(self) -> str:
        if self.finished:
            return 'finished'
        return f'resumable at epoch {self.epoch}' if self.epoch else 'to do'


def plan_runs(
    recipes: Iterable[Recipe],
    seeds: Iterable[int],
    splits: Sequence[int],
    work_dir: Path,
    options: Sequence[str] = (),
    overrides: dict | None = None,
) -> list[Run]:
    """The runs of some recipes, each once: rows with the same recipe, in one table or in several, share their runs.

    Args:
        recipes (Iterable[Recipe]): The recipes; one that occurs several times counts once.
        seeds (Iterable[int]): Seeds; every recipe has one run for each.
        splits (Sequence[int]): RegDB's splits, one run for each; empty for a set without splits.
        work_dir (Path): The folder in which a run is in ``<recipe's name>/[split_<k>/]seed_<n>``.
        options (Sequence[str]): Options that every run's ``haresreid train`` gets, as on the command line.
        overrides (dict, optional): What these options change in the config.

    Raises:
        ValueError: If a config has no use for an override.
    """
    loaded = {recipe: recipe.load(overrides) for recipe in dict.fromkeys(recipes)}
    # seed by seed: if time runs out, the finished runs give a whole table with fewer seeds
    return [
        _plan(recipe, cfg, seed, split, work_dir, options)
        for seed in seeds
        for split in splits or [None]
        for recipe, cfg in loaded.items()
    ]


def _plan(recipe: Recipe, cfg: Config, seed: int, split: int | None, work_dir: Path, options: Sequence[str]) -> Run:
    cfg = copy.deepcopy(cfg)
    cfg.randomness.seed = seed
    folder = work_dir / recipe.name / ('' if split is None else f'split_{split}') / f'seed_{seed}'
    arguments = [*recipe.arguments, '--seed', str(seed), '--work-dir', str(folder), '--resume']
    if split is not None:
        arguments += ['--split', str(split)]
    command = (sys.executable, str(PROGRAM), 'train', *arguments, *options)
    return Run(recipe, seed, split, folder, config_hash(cfg), cfg.train_cfg.max_epochs, command)


def run_state(run: Run) -> RunState:
    """Read a run's progress from its folder.

    A run is finished if its ``metrics.json``, which a training writes at its end, has the config hash of the run.

    Raises:
        ValueError: If the folder holds a run of another recipe, or one that was not started from here.
    """
    metrics, newest = run.folder / 'metrics.json', run.folder / 'last_checkpoint'
    if metrics.exists():
        _check(run, read_results(metrics).get('config', {}).get('hash'))
        return RunState(run.epochs, True)
    if run.record.exists():
        _check(run, read_json(run.record)['hash'])
    elif newest.exists():
        _check(run, None)
    epoch = re.search(r'epoch_(\d+)\.pth', newest.read_text(encoding='utf-8')) if newest.exists() else None
    return RunState(int(epoch[1]) if epoch else 0, False)


def _check(run: Run, found: str | None) -> None:
    if found != run.hash:
        raise ValueError(
            f'{run.folder} holds a run of another recipe (config hash {found or "not recorded"}) than '
            f'{run.recipe.name} has now ({run.hash}): give another --work-dir, or move that folder away'
        )

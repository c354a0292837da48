"""The trainings whose checkpoints other trainings start from, since narrow encoders have no ImageNet weights."""

import sys
from collections.abc import Iterable
from pathlib import Path

from haresreid.config.config import config_hash
from haresreid.files.paths import CONFIG_ROOT, PROGRAM

from .paper import Recipe
from .runs import Run

__all__ = ['start_runs']

FOLDER = 'configs/pretrain'


def start_runs(runs: Iterable[Run], overrides: dict | None = None) -> list[Run]:
    """The trainings that must finish before the given runs can start.

    A config of ``configs/pretrain/`` writes ``work_dirs/<its name>/epoch_<n>.pth``, the default place of a training. A
    run that starts from it names this file as its encoder's ``pretrained``. One such training serves all configs and
    seeds, as one file of ImageNet weights does.

    Args:
        runs (Iterable[Run]): The planned runs.
        overrides (dict, optional): Overrides for their configs.

    Returns:
        list[Run]: Runs of the configs in ``configs/pretrain/`` that some planned run starts from.
    """
    named = {str(_pretrained(recipe.load(overrides).model.backbone)) for recipe in {run.recipe for run in runs}}
    starts = [_plan(Recipe(f'{FOLDER}/{file.name}')) for file in sorted((CONFIG_ROOT / FOLDER).glob('*.py'))]
    return [run for run in starts if str(run.folder / f'epoch_{run.epochs}.pth') in named]


def _pretrained(backbone: dict) -> str | None:
    return backbone.get('encoder', backbone).get('pretrained')


def _plan(recipe: Recipe) -> Run:
    cfg = recipe.load()
    folder = Path('work_dirs') / recipe.name
    command = (sys.executable, str(PROGRAM), 'train', *recipe.arguments, '--work-dir', str(folder), '--resume')
    return Run(recipe, cfg.randomness.seed, None, folder, config_hash(cfg), cfg.train_cfg.max_epochs, command)

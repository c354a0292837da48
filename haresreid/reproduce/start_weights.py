"""The trainings whose checkpoints other trainings start from: on SynVI, narrow encoders have no ImageNet weights."""

import sys
from collections.abc import Iterable
from pathlib import Path

from haresreid.config.config import config_hash, load_config
from haresreid.files.paths import CONFIG_ROOT, PROGRAM

from .runs import Run

__all__ = ['start_runs']

FOLDER = 'configs/pretrain'


def start_runs(runs: Iterable[Run], overrides: dict | None = None) -> list[Run]:
    """What has to be trained before some runs can start.

    A config of ``configs/pretrain/`` writes ``work_dirs/<its name>/epoch_<n>.pth``, the default place of a training. A
    run that starts from it names this file as its encoder's ``pretrained``. One training serves all configs and seeds,
    as one file of ImageNet weights does.

    Args:
        runs (Iterable[Run]): The runs that are planned.
        overrides (dict, optional): What changes in their configs.

    Returns:
        list[Run]: Of the configs in ``configs/pretrain/`` that some run names.
    """
    named = {
        str(_pretrained(load_config(str(CONFIG_ROOT / config), overrides).model.backbone))
        for config in {run.config for run in runs}
    }
    starts = [_plan(file) for file in sorted((CONFIG_ROOT / FOLDER).glob('*.py'))]
    return [run for run in starts if str(run.folder / f'epoch_{run.epochs}.pth') in named]


def _pretrained(backbone: dict) -> str | None:
    return backbone.get('encoder', backbone).get('pretrained')


def _plan(file: Path) -> Run:
    cfg = load_config(str(file))
    folder = Path('work_dirs') / file.stem
    command = (sys.executable, str(PROGRAM), 'train', str(file), '--work-dir', str(folder), '--resume')
    return Run(
        f'{FOLDER}/{file.name}', cfg.randomness.seed, None, folder, config_hash(cfg), cfg.train_cfg.max_epochs, command
    )

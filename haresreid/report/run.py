"""The work directory of a training, read on demand."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mmengine.config import Config

from haresreid.apis import extract_feature_set, load_trained
from haresreid.config.config_data import read_config_data
from haresreid.evaluation import FeatureSet
from haresreid.evaluation.results import read_results
from haresreid.files.paths import expand_home
from haresreid.files.text_files import read_records
from haresreid.models import VIReID

__all__ = ['Run', 'read_run']


@dataclass
class Run:
    """A training's work directory. A missing or damaged file raises a one-sentence error.

    Attributes:
        folder: The work directory.
        config: Its fully resolved config, as the run dumped it.
        source: The config that the run was started from, or None.
        chosen_checkpoint: A checkpoint to use instead of the newest one, or None.
        data_root: Folder of the data set instead of the config's, or None.
    """

    folder: Path
    config: Path
    source: Path | None = None
    chosen_checkpoint: Path | None = None
    data_root: str | None = None

    @property
    def name(self) -> str:
        """Name of the run's config."""
        return self.config.stem

    @cached_property
    def cfg(self) -> Config:
        """The resolved config, read as data. Keys are not checked, because an old run may have unknown ones."""
        return read_config_data(self.config)

    @cached_property
    def metrics(self) -> dict:
        """The content of ``metrics.json``."""
        if not (self.folder / 'metrics.json').exists():
            raise FileNotFoundError(
                f'{self.folder} holds no metrics.json, which a run writes after its last evaluation.'
            )
        return read_results(self.folder / 'metrics.json')

    @property
    def scalars(self) -> list[Path]:
        """Files of logged values, one per start, oldest first."""
        files = sorted(self.folder.glob('*/vis_data/scalars.json'))
        if not files:
            raise FileNotFoundError(
                f'{self.folder} holds no */vis_data/scalars.json, which a training writes while it runs.'
            )
        return files

    @cached_property
    def training_records(self) -> list[dict]:
        """The logged values of training steps as dicts, in the order of the log."""
        records = [record for file in self.scalars for record in read_records(file) if 'loss' in record]
        if not records:
            raise ValueError(f'{self.scalars[-1]} holds no training step yet.')
        return records

    @property
    def checkpoint(self) -> Path:
        """The chosen checkpoint, or that of the last epoch."""
        if self.chosen_checkpoint is not None:
            return self.chosen_checkpoint
        # by number, because last_checkpoint holds the path at training time, and folders are moved
        files = {
            int(number[1]): file
            for file in self.folder.glob('*.pth')
            if (number := re.fullmatch(r'(?:epoch|iter)_(\d+)', file.stem))
        }
        if not files:
            raise FileNotFoundError(f'{self.folder} holds no checkpoint (epoch_N.pth): give one with --checkpoint.')
        return files[max(files)]

    @cached_property
    def trained(self) -> tuple[VIReID, Config]:
        """The model with the weights of the checkpoint, and the config of its test set."""
        return load_trained(self.cfg, str(self.checkpoint), self.data_root)

    @cached_property
    def features(self) -> FeatureSet:
        """Features of all test images.

        Raises:
            ValueError: If they are not the images behind ``metrics.json``.
        """
        features = extract_feature_set(*self.trained, str(self.checkpoint))
        ours = features.info['dataset']['fingerprint']
        if (self.folder / 'metrics.json').exists() and (theirs := self.metrics['data']['fingerprint']) != ours:
            raise ValueError(
                f'The test images at hand (fingerprint {ours[:12]}) are not those of metrics.json '
                f'({theirs[:12]}): give the folder of those with --data-root.'
            )
        return features


def read_run(
    folder: str | Path,
    source: str | Path | None = None,
    checkpoint: str | Path | None = None,
    data_root: str | None = None,
) -> Run:
    """Open a work directory.

    Args:
        folder (str | Path): The work directory of a training, finished or not.
        source (str | Path, optional): The config that it was started from. Defaults to None.
        checkpoint (str | Path, optional): A checkpoint to use instead of the newest one. Defaults to None.
        data_root (str, optional): Folder of the data set instead of the config's. Defaults to None.

    Raises:
        FileNotFoundError: If a file is missing or the folder is not a run; the message says what it contains.
    """
    folder = Path(expand_home(folder))
    source, checkpoint, data_root = (path and expand_home(path) for path in (source, checkpoint, data_root))
    configs = sorted(folder.glob('*.py'), key=lambda file: file.stat().st_mtime)
    if not configs:
        there = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else None
        found = (
            'is no folder'
            if there is None
            else f'holds {", ".join(there[:5])}{", ..." if there[5:] else ""}'
            if there
            else 'is empty'
        )
        raise FileNotFoundError(
            f'{folder} {found}; a run holds its resolved config, <config name>.py, from its start '
            'on: give the work directory of a training.'
        )
    for file in (source, checkpoint):
        if file is not None and not Path(file).is_file():
            raise FileNotFoundError(f'There is no file {file}.')
    return Run(folder, configs[-1], source and Path(source), checkpoint and Path(checkpoint), data_root)

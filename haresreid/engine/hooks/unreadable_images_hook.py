"""Reports which images could not be decoded, and how often others replaced them."""

import logging
from collections import Counter

from mmengine import dist
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['UnreadableImagesHook']


@HOOKS.register_module()
class UnreadableImagesHook(Hook):
    """Names each unreadable training image once, after the epoch that met it first, and counts all replaced draws.

    It only matters if the training set has ``unreadable='skip'``; see :class:`haresreid.datasets.VIReIDDataset`.
    """

    def __init__(self) -> None:
        self._named: set[str] = set()
        self._draws: Counter[str] = Counter()

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Count the replaced images of this batch."""
        self._draws.update(sample.stands_in_for for sample in data_batch['data_samples'] if 'stands_in_for' in sample)

    def after_train_epoch(self, runner: Runner) -> None:
        """Warn about unreadable images that this epoch met."""
        draws = sum(dist.all_gather_object(self._draws), Counter())
        self._draws.clear()
        for path in sorted(draws.keys() - self._named):
            print_log(f'{path} cannot be decoded', 'current', logging.WARNING)
        self._named |= draws.keys()
        if draws:
            print_log(
                f'Epoch {runner.epoch + 1}: {draws.total()} times another image of the same person and modality stood '
                f'in for one of {len(draws)} that cannot be decoded',
                'current',
                logging.WARNING,
            )

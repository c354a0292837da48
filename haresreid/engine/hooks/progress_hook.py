"""Progress on the screen: what runs, on which device, where it writes, how far it is, and the result."""

import time
from datetime import timedelta
from pathlib import Path

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, EpochBasedTrainLoop, Runner

from haresreid.evaluation import VIReIDMetric
from haresreid.files.paths import from_here
from haresreid.registry import HOOKS

__all__ = ['ProgressHook']

SOON, LATE = 10, 60  # least and most seconds between two lines


@HOOKS.register_module()
class ProgressHook(Hook):
    """Prints a few lines at the start, a line per epoch (or minute), a line per evaluation, and the last table.

    The log file has more detail, from MMEngine's own hooks.
    """

    priority = 'LOW'  # after the hooks whose values it shows, before those that name the written files

    def before_train(self, runner: Runner) -> None:
        """Print what is about to be trained, on what, and where it writes."""
        loop, images = runner.train_loop, runner.train_dataloader.dataset
        length = (
            f'{runner.max_epochs} epoch{"s" * (runner.max_epochs > 1)} of {len(runner.train_dataloader)} steps'
            if isinstance(loop, EpochBasedTrainLoop)
            else f'{runner.max_iters} steps'
        )
        begun = f', of which {runner.iter} are done' if runner.iter else ''
        self._begin(runner, f'seed {runner.seed}: {length}{begun}', f'trained on {_described(images)}')
        self.shown, self.since = False, time.monotonic()

    def before_test(self, runner: Runner) -> None:
        """Print what is about to be tested."""
        self._begin(
            runner,
            Path(runner._load_from or 'random weights').name,
            f'tested on {_described(runner.test_dataloader.dataset)}',
        )

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Print how far the training is, if a line is due."""
        waited = time.monotonic() - self.since
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        epoch_ends = by_epoch and batch_idx + 1 == len(runner.train_dataloader)
        if runner.iter + 1 == runner.max_iters or waited >= (SOON if epoch_ends or not self.shown else LATE):
            self.shown, self.since = True, time.monotonic()
            _say(_progress(runner))

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Print Rank-1 and mAP; the table of the last evaluation follows at the end."""
        if runner.iter < runner.max_iters:
            for name, rows in _results(runner.val_loop).items():
                others = '; '.join(f'{row} {_figures(result)}' for row, result in rows.items() if row != 'ours')
                line = f'  {_when(runner)}, {name}: Rank-1 and mAP {_figures(rows["ours"])}'
                _say(f'{line} ({others})' if others else line)
        self.since = time.monotonic()

    def after_train(self, runner: Runner) -> None:
        """Print the table of the last evaluation."""
        _show_table(runner.val_loop)

    def after_test_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Print the table of the test."""
        _show_table(runner.test_loop)

    @staticmethod
    def _begin(runner: Runner, what: str, data: str) -> None:
        threads = torch.get_num_threads()
        device = (
            torch.cuda.get_device_name() if torch.cuda.is_available() else f'CPU, {threads} thread{"s" * (threads > 1)}'
        )
        processes = f', {dist.get_world_size()} processes' if dist.get_world_size() > 1 else ''
        folder, log = Path(runner.work_dir), Path(runner.logger.log_file or runner.log_dir)
        _say(f'{Path(runner.cfg.filename or "model").stem}, {what}')
        _say(data)
        _say(f'on: {device}{processes}; PyTorch {torch.__version__}')
        _say(f'into: {from_here(folder)} (the whole log: {log.relative_to(folder)})')


@dist.master_only
def _say(line: str) -> None:
    print(line, flush=True)


def _described(images) -> str:
    facts = images.metainfo
    name = facts.get('dataset', 'data') + (f', split {facts["split"]}' if 'split' in facts else '')
    unit = 'tracks' if 'num_frames' in facts else 'images'
    return f'{name}: {len(images)} {unit} of {facts.get("num_classes", "?")} people'


def _progress(runner: Runner) -> str:
    hub, window = runner.message_hub, runner.log_processor.window_size
    mean = {
        name: hub.get_scalar(f'train/{name}').mean(window)
        for name in ('loss', 'acc_id', 'images_per_s')
        if f'train/{name}' in hub.log_scalars
    }
    width = len(str(runner.max_iters))
    texts = (
        [f'epoch {runner.epoch + 1:{len(str(runner.max_epochs))}}/{runner.max_epochs}']
        if isinstance(runner.train_loop, EpochBasedTrainLoop)
        else []
    )
    texts += [f'step {runner.iter + 1:{width}}/{runner.max_iters}', f'loss {mean["loss"]:7.4f}']
    if 'acc_id' in mean:
        texts.append(f'accuracy {mean["acc_id"]:5.1f} %')
    if 'images_per_s' in mean:
        texts.append(f'{mean["images_per_s"]:.0f} images/s')
    return '  '.join([*texts, f'eta {timedelta(seconds=round(hub.get_info("eta")))}'])


def _when(runner: Runner) -> str:
    by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
    return f'after epoch {runner.epoch}' if by_epoch else f'after step {runner.iter}'


def _figures(result) -> str:
    return f'{100 * result.mean("R1"):.2f} {100 * result.mean("mAP"):.2f}'


def _metrics(loop: BaseLoop | None) -> list[VIReIDMetric]:
    metrics = loop.evaluator.metrics if isinstance(loop, BaseLoop) else []
    return [metric for metric in metrics if isinstance(metric, VIReIDMetric) and metric.protocol_results]


def _results(loop: BaseLoop) -> dict:
    return {name: rows for metric in _metrics(loop) for name, rows in metric.protocol_results.items()}


def _show_table(loop: BaseLoop | None) -> None:
    for metric in _metrics(loop):
        _say(f'\n{metric.results_table}\n')

"""Checkpoints that survive a crash, a full disk or a power cut."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from mmengine.dist import is_main_process
from mmengine.fileio import LocalBackend, register_backend
from mmengine.hooks import CheckpointHook
from mmengine.runner import EpochBasedTrainLoop, Runner

from haresreid.files.files import make_folder, written_whole
from haresreid.registry import HOOKS

__all__ = ['AtomicCheckpointHook']


class WholeFileBackend(LocalBackend):
    """Writes files atomically, and removes an outdated file only when told that its successor is on the disk."""

    def __init__(self) -> None:
        self.outdated: dict[str, int] = {}

    def put(self, obj: bytes, filepath: str) -> None:
        """Write a file; the error of a failed write says what was needed, where, and what to do."""
        path = Path(filepath)
        try:
            make_folder(path.parent)
            with written_whole(path) as part:
                part.write_bytes(obj)
        except OSError as error:
            free = ''
            with suppress(OSError):  # the folder may have vanished with its disk
                free = f', {_mib(shutil.disk_usage(path.parent).free)} are free'
            raise OSError(
                f'{path} cannot be written: {error.strerror or error} (it takes {_mib(len(obj))}{free}). What was '
                'saved before is whole: make room or mend the disk, and go on with --resume'
            ) from error

    def remove(self, filepath: str) -> None:
        """Mark this file for removal, unless it is written again."""
        self.outdated[filepath] = os.stat(filepath).st_ino

    def remove_outdated(self) -> None:
        """Remove the files that :meth:`remove` has marked."""
        for path, inode in self.outdated.items():
            if os.path.exists(path) and os.stat(path).st_ino == inode:
                os.remove(path)
        self.outdated = {}


register_backend('whole', WholeFileBackend)


def _mib(size: int) -> str:
    return f'{size / 2**20:.1f} MiB'


@HOOKS.register_module()
class AtomicCheckpointHook(CheckpointHook):
    """MMEngine's checkpoints, each written whole before an older one is removed.

    A run that was killed between a checkpoint and the evaluation of that epoch runs the missed evaluation on resume.
    Its metrics and its best checkpoint are therefore those of an uninterrupted run.
    """

    _default_greater_keys = ('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP')  # for these ``save_best`` keeps the highest

    def before_train(self, runner: Runner) -> None:
        """Evaluate the epoch that the run resumes from, if an evaluation is due for it."""
        self.backend_args = dict(backend='whole')
        super().before_train(runner)
        if getattr(self, 'best_ckpt_path', None):  # in a copied folder this path would point into the original
            self.best_ckpt_path = os.path.join(self.out_dir, os.path.basename(self.best_ckpt_path))
        loop = runner.train_loop
        resumed = isinstance(loop, EpochBasedTrainLoop) and loop.epoch > 0
        if (
            resumed
            and runner.val_loop is not None
            and loop.epoch >= loop.val_begin
            and (loop.epoch % loop.val_interval == 0 or loop.epoch == loop.max_epochs)
        ):
            self.last_ckpt = runner._load_from  # MMEngine writes a new best score into it
            runner.val_loop.run()

    def _save_checkpoint_with_step(self, runner: Runner, step: int, meta: dict) -> None:
        """Save, name the file in ``last_checkpoint``, and only then remove the oldest.

        Replaces MMEngine's method, which removes first and may leave half a ``last_checkpoint`` in a crash.
        """
        if self.max_keep_ckpts > 0 and step not in self.keep_ckpt_ids:
            if len(self.keep_ckpt_ids) == self.max_keep_ckpts and is_main_process():
                oldest = self._path(self.keep_ckpt_ids[0])
                if os.path.isfile(oldest):
                    self.file_backend.remove(oldest)
            self.keep_ckpt_ids.append(step)  # a bounded queue: this drops the oldest
            runner.message_hub.update_info('keep_ckpt_ids', list(self.keep_ckpt_ids))
        self.last_ckpt = self._path(step)
        runner.message_hub.update_info('last_ckpt', self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            os.path.basename(self.last_ckpt),
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if is_main_process():
            self.file_backend.put(self.last_ckpt.encode(), os.path.join(runner.work_dir, 'last_checkpoint'))
            self.file_backend.remove_outdated()

    def _path(self, step: int) -> str:
        return os.path.join(self.out_dir, self.filename_tmpl.format(step))

    def _save_best_checkpoint(self, runner: Runner, metrics: dict) -> None:
        super()._save_best_checkpoint(runner, metrics)
        self.file_backend.remove_outdated()

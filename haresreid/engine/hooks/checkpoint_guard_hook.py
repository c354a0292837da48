"""Refuses a checkpoint that would load silently and give meaningless results."""

from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from haresreid.config.model_parts import model_parts, model_settings, refuse_other_parts
from haresreid.config.readings import refuse_another_reading
from haresreid.engine.bare_model import bare_model
from haresreid.files.checkpoint_file import weights_in
from haresreid.registry import HOOKS

__all__ = ['CheckpointGuardHook']

INTERPOLATED = 'patch_pos'  # interpolated to another image size on loading


def _shown(names: list[str]) -> str:
    return ', '.join(names[:3]) + (f' and {len(names) - 3} more' if len(names) > 3 else '')


@HOOKS.register_module()
class CheckpointGuardHook(Hook):
    """Checks every loaded checkpoint against the model and the data.

    It refuses a checkpoint of another architecture, where MMEngine would only log the differing keys. It also refuses
    one of other classes or settings whose weights happen to fit, unless a training starts from it; each checkpoint is
    saved with those of its model. And it refuses one trained on another split of the same data set: a test identity of
    one RegDB split is a training identity of others, so the result would be leaked. Unless a run is resumed, the
    classifier may differ or be missing, since features do not depend on it.

    Raises:
        ValueError: If the checkpoint is refused; the message says what differs and what to do.
    """

    def before_save_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Write down the classes and settings of the model."""
        checkpoint['meta'].update(parts=model_parts(runner.cfg.model), settings=model_settings(runner.cfg.model))

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Compare the checkpoint with model and data before any weight is copied."""
        meta = checkpoint.get('meta', {})
        self._check_weights(runner, weights_in(runner._load_from, checkpoint))
        if runner._resume or not isinstance(runner._train_loop, BaseLoop):
            refuse_other_parts(runner._load_from, meta, runner.cfg.model)
        self._check_split(runner, meta.get('dataset_meta') or {})

    @staticmethod
    def _loops(runner: Runner) -> list:
        return [
            loop for loop in (runner._train_loop, runner._val_loop, runner._test_loop) if hasattr(loop, 'dataloader')
        ]

    def _check_weights(self, runner: Runner, state_dict: dict) -> None:
        model = bare_model(runner)
        ours, theirs = model.state_dict(), state_dict
        needed = [name for name in ours if runner._resume or not name.startswith(model.training_only())]
        missing = [name for name in needed if name not in theirs]
        unexpected = [
            name
            for name in theirs
            if name not in ours and (runner._resume or not name.startswith(model.training_only()))
        ]
        refuse_another_reading(runner._load_from, missing, unexpected)
        reshaped = [
            f'{name} is {tuple(theirs[name].shape)} and should be {tuple(ours[name].shape)}'
            for name in needed
            if name in theirs and not name.endswith(INTERPOLATED) and ours[name].shape != theirs[name].shape
        ]
        problems = [
            f'{label}: {_shown(names)}'
            for label, names in (
                ('missing', missing),
                ('unknown to the model', unexpected),
                ('of another shape', reshaped),
            )
            if names
        ]
        if problems:
            raise ValueError(
                f'checkpoint {runner._load_from} is of another architecture than this config '
                f'({"; ".join(problems)}): use the config it was trained with, which a training leaves '
                'beside its checkpoints'
            )

    def _check_split(self, runner: Runner, trained_on: dict) -> None:
        for loop in self._loops(runner):
            used = loop.dataloader.dataset.metainfo
            both_split = 'split' in used and 'split' in trained_on
            if both_split and used['dataset'] == trained_on['dataset'] and used['split'] != trained_on['split']:
                raise ValueError(
                    f'checkpoint {runner._load_from} was trained on split {trained_on["split"]} of '
                    f'{used["dataset"]}, and split {used["split"]} is to be used: its test identities were seen in '
                    f'training, so take split {trained_on["split"]}, or the checkpoint of split {used["split"]}'
                )

"""The classifier must have one output per training identity."""

from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from haresreid.registry import HOOKS

__all__ = ['ClassCountHook']


@HOOKS.register_module()
class ClassCountHook(Hook):
    """Compares the head's ``num_classes`` with the training subset before the first step.

    Raises:
        ValueError: They differ; with fewer outputs the identity loss would fail in the middle of an epoch.
    """

    def before_train(self, runner: Runner) -> None:
        """Compare."""
        model = runner.model.module if is_model_wrapper(runner.model) else runner.model
        outputs = model.head.num_classes
        identities = runner.train_dataloader.dataset.metainfo['num_classes']
        if outputs != identities:
            raise ValueError(
                f'the training subset has {identities} identities and model.head.num_classes is {outputs}: '
                f'set model.head.num_classes={identities}'
            )

"""The runner of the tools."""

import io
from collections.abc import Mapping
from contextlib import redirect_stdout
from types import MappingProxyType

from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import BaseLoop, Runner
from torch import nn
from torch.utils.data import DataLoader

from haresreid.datasets import VIReIDDataset
from haresreid.datasets.listing import with_images
from haresreid.evaluation import VIReIDMetric
from haresreid.evaluation.drawable import require_drawable
from haresreid.models import AdversarialVIReID, ReplicatedModel

from .bare_model import bare_model
from .hooks import LossWeightHook, ProgressHook
from .screen import calm

__all__ = ['ReIDRunner']


class ReIDRunner(Runner):
    """MMEngine's runner with a short screen output for people; the log file holds everything as usual.

    A protocol that cannot be evaluated on the test images is refused before the first step. Images that
    ``unreadable='skip'`` left out do not count.

    Attributes:
        listed (dict[str, VIReIDDataset]): By loader, the subset that :func:`haresreid.checking.check_data` has already
            listed. Set it before a loop is built.
    """

    listed: Mapping[str, VIReIDDataset] = MappingProxyType({})

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """Build the logger, and keep details off the screen, see :func:`calm`."""
        logger = super().build_logger(*args, **kwargs)
        calm(logger)
        return logger

    def register_hooks(
        self, default_hooks: dict[str, Hook | dict] | None = None, custom_hooks: list[Hook | dict] | None = None
    ) -> None:
        """Register the hooks of the config and :class:`ProgressHook`."""
        super().register_hooks(default_hooks, custom_hooks)
        self.register_hook(ProgressHook())  # not in a config: it changes nothing that is trained

    def load_checkpoint(self, *args, **kwargs) -> dict:
        """Load a checkpoint; the log names the file."""
        with redirect_stdout(io.StringIO()):  # MMEngine also prints the name, past its own logger
            return super().load_checkpoint(*args, **kwargs)

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """Put the model on its device; in a distributed run wrap it, an adversarial one in :class:`ReplicatedModel`."""
        if isinstance(model, AdversarialVIReID):
            model_wrapper_cfg = dict(type=ReplicatedModel)
        return super().wrap_model(model_wrapper_cfg, model)

    def build_dataloader(self, dataloader: DataLoader | dict, *args, **kwargs) -> DataLoader:
        """Build a loader; a subset that was listed already is not listed again."""
        if isinstance(dataloader, dict):
            for name, subset in self.listed.items():
                if self.cfg[name].dataset == dataloader['dataset']:
                    dataloader = dict(dataloader, dataset=with_images(subset, dataloader['dataset']))
                    break
        return super().build_dataloader(dataloader, *args, **kwargs)

    def build_train_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build it, if a hook moves the weights that have a schedule.

        Raises:
            ValueError: None does, and they would stand where they should arrive.
        """
        model = bare_model(self)
        moved = getattr(getattr(model, 'criterion', None), 'schedules', {})
        if moved and not any(isinstance(hook, LossWeightHook) for hook in self.hooks):
            raise ValueError(
                f'the weights of the losses {", ".join(moved)} have a schedule, and nothing moves them: add '
                'loss_weights=dict(type=LossWeightHook) to default_hooks'
            )
        return super().build_train_loop(loop)

    def build_val_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build the validation loop, and check that its protocols can be evaluated."""
        return _drawable(super().build_val_loop(loop))

    def build_test_loop(self, loop: BaseLoop | dict) -> BaseLoop:
        """Build the test loop, and check that its protocols can be evaluated."""
        return _drawable(super().build_test_loop(loop))


def _drawable(loop: BaseLoop) -> BaseLoop:
    for metric in loop.evaluator.metrics:
        for protocol in metric.protocols if isinstance(metric, VIReIDMetric) else ():
            require_drawable(loop.dataloader.dataset, protocol)
    return loop

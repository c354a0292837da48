"""Detects that a training has collapsed, long before an evaluation shows results at chance."""

import torch
from mmengine import dist
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from haresreid.engine.bare_model import bare_model
from haresreid.registry import HOOKS

__all__ = ['CollapseHook']

REMEDY = (
    'Start from ImageNet weights (pretrained), warm the learning rate up, or begin with a softer metric loss (as '
    'configs/haresformer_synth.py does)'
)


@HOOKS.register_module()
class CollapseHook(Hook):
    """Checks for three signs of a collapse at the end of every ``window`` iterations.

    - A loss stays at the value that it has when all features are equal: ln C for the identity loss, the margin for the
      hetero-centre triplet, ln 2 for a soft-margin triplet. Each loss states its own, see :class:`ReIDLoss`.
    - The retrieval features of a batch all point in one direction.
    - The identification accuracy is at chance; this is checked from the fourth window on.

    The first window is skipped, since every training starts in this state. Windows begin when re-identification does,
    after the warm-up of an :class:`AdversarialVIReID`. In distributed runs only the first process checks.

    Args:
        action (str): 'warn', or 'stop' to end the training. Defaults to 'warn'.
        window (int): Iterations per comparison. Defaults to 500.
        tolerance (float): Relative distance within which a loss counts as staying at its value. Defaults to 0.02.
        max_similarity (float): Mean cosine between two images of a batch above which all count as alike. Defaults to
            0.9, where an untrained model is; three trained ones on SynVI are at 0.01 to 0.02.

    Raises:
        ValueError: If the action is unknown, or on a collapse with ``action='stop'``.
    """

    def __init__(
        self, action: str = 'warn', window: int = 500, tolerance: float = 0.02, max_similarity: float = 0.9
    ) -> None:
        if action not in ('warn', 'stop'):
            raise ValueError(f"CollapseHook.action must be 'warn' or 'stop', not {action!r}")
        self.action = action
        self.window = window
        self.tolerance = tolerance
        self.max_similarity = max_similarity
        self.relative: dict[str, list[float]] = {}  # by loss, its values divided by its collapse value

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None, outputs: dict | None = None
    ) -> None:
        """Record this iteration's losses, and check for a collapse at the end of a window."""
        model = bare_model(runner)
        warmup = getattr(model, 'warmup', 0)  # in epochs
        iteration = runner.iter + 1 - (warmup * len(runner.train_dataloader) if warmup else 0)
        if iteration < 1:
            return
        num_classes = getattr(model.head, 'num_classes', None)
        collapse = {
            name: value
            for name, value in model.criterion.collapse_values(num_classes).items()
            if value and name in outputs
        }
        for name, value in collapse.items():
            # relative to the collapse value, since a ramp may be changing the loss's weight
            self.relative.setdefault(name, []).append(runner.message_hub.get_scalar(f'train/{name}').current() / value)
        if iteration % self.window:
            return
        relative, self.relative = self.relative, {}
        if iteration == self.window:
            return
        signs = [
            f'{name} has stayed at {collapse.get(name, 0.0):.4g}, the value it has when all features are equal'
            for name, values in relative.items()
            if abs(sum(values) / len(values) - 1) <= self.tolerance
        ]
        similarity = mean_similarity(model, data_batch)
        if similarity >= self.max_similarity:
            signs.append(f'the features of a batch are all alike (mean cosine {similarity:.3f})')
        if 'acc_id' in outputs and iteration >= 4 * self.window:
            accuracy, chance = runner.message_hub.get_scalar('train/acc_id').mean(self.window), 100 / num_classes
            if accuracy < 2 * chance:
                signs.append(f'acc_id is {accuracy:.2f} percent, and guessing gives {chance:.2f}')
        self._act(runner, signs)

    def _act(self, runner: Runner, signs: list[str]) -> None:
        agreed = [signs]
        dist.broadcast_object_list(agreed)
        if not agreed[0]:
            return
        sentence = (
            f'in the {self.window} iterations up to {runner.iter + 1}, {"; ".join(agreed[0])}. One such sign may '
            f'pass, as long as acc_id rises; otherwise the training has collapsed. {REMEDY}'
        )
        if self.action == 'stop':
            raise ValueError(f'training stopped: {sentence}')
        runner.logger.warning(sentence)


@torch.no_grad()
def mean_similarity(model: nn.Module, data_batch: dict) -> float:
    """Mean cosine between the retrieval features of two images of a batch, in evaluation mode.

    This changes neither the model nor a random generator.

    Args:
        model (nn.Module): A :class:`VIReID`, in training mode.
        data_batch (dict): A batch of the data loader.
    """
    model.eval()
    data = model.data_preprocessor(data_batch, False)
    frames = model.frames_of(data['inputs'], data['data_samples'])
    features = model.retrieval(model(**data), data['inputs'], frames)  # (B, D)
    model.train()
    size = len(features)
    return ((features.sum(0).square().sum() - size) / (size * (size - 1))).item()

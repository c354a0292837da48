"""The gradients of a training batch."""

from collections.abc import Iterable
from copy import deepcopy

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch import Tensor, nn

from haresreid.compat.mmengine_shims import load_from_local
from haresreid.models import AdversarialVIReID, VIReID

__all__ = ['first_batch', 'has_training_loss', 'squared_gradient', 'with_gradients']


def with_gradients(model: VIReID, data_batch: dict) -> VIReID:
    """A copy of the model whose parameters hold the gradients of the training loss, all losses at the config's weights.

    Args:
        model (VIReID): The model, which does not change.
        data_batch (dict): A batch of the training's data loader.
    """
    model = deepcopy(model).train().requires_grad_()
    with torch.random.fork_rng():
        torch.manual_seed(0)  # of dropout
        losses = model(**model.data_preprocessor(data_batch, True), mode='loss')
    model.parse_losses(losses)[0].backward()
    return model


def squared_gradient(parameters: Iterable[nn.Parameter]) -> Tensor:
    """Squared norm of the gradients that parameters hold, on the CPU; zero where no loss reached them."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    return sum((gradient.square().sum().float().cpu() for gradient in gradients), torch.zeros(()))


def has_training_loss(model: VIReID, checkpoint: str) -> bool:
    """Whether :func:`with_gradients` works: not without a classifier, a teacher, or for a model that trains in turns.

    Args:
        model (VIReID): The model.
        checkpoint (str): Its weights; published ones may lack the classifier.
    """
    content = load_from_local(checkpoint, map_location='cpu')
    classifier = any(key.startswith(model.training_only()) for key in content.get('state_dict', content))
    wanted = {feature for found in model.criterion.features.values() for feature in _names(found)}
    return classifier and not isinstance(model, AdversarialVIReID) and 'teacher' not in wanted


def _names(wanted: list[str] | dict[str, str]) -> Iterable[str]:
    return wanted.values() if isinstance(wanted, dict) else wanted


def first_batch(cfg: Config) -> dict:
    """The first batch of a training with seed 0."""
    return next(iter(Runner.build_dataloader(cfg.train_dataloader, seed=0)))

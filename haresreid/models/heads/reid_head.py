"""What the heads of haresreid share: a named mapping of losses, and the feature that represents an image."""

from typing import ClassVar

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

from .gather_rows import gather_rows

__all__ = ['ReIDHead']


class ReIDHead(BaseModule):
    """Losses on named features. A subclass computes the features in ``forward``, among them ``logits`` (B, C).

    Args:
        num_classes (int, optional): Training identities C.
        losses (dict[str, dict]): Loss configs by name; the name is the log key (``loss_<name>``). Beside ``type`` and
            the loss's own arguments each has ``feature``, the name of the feature it acts on, or a list of names over
            which it is summed, and optionally ``weight`` (default 1) and ``gather`` (default False): whether it sees
            the features of all ranks, or each rank's are a batch of their own. None is no losses.
        test_feature (str): The feature used for retrieval, a key of ``test_features``.

    Attributes:
        test_features (dict[str, str]): The choices of ``test_feature``, and the named feature that each stands for.
        loss_weights (dict[str, float]): The weights by name; may be changed during training.

    Raises:
        ValueError: If this head has no such ``test_feature``.
    """

    test_features: ClassVar[dict[str, str]] = {}

    def __init__(self, num_classes: int | None, losses: dict[str, dict] | None, test_feature: str) -> None:
        super().__init__()
        if test_feature not in self.test_features:
            choices = ' or '.join(map(repr, self.test_features))
            raise ValueError(f'test_feature must be {choices}, not {test_feature!r}.')
        self.num_classes = num_classes
        self.test_feature = test_feature
        self.losses = nn.ModuleDict()
        self.loss_weights: dict[str, float] = {}
        self.loss_features: dict[str, list[str]] = {}
        self.gathered_losses: set[str] = set()
        for name, cfg in (losses or {}).items():
            cfg = dict(cfg)
            feature = cfg.pop('feature')
            self.loss_features[name] = [feature] if isinstance(feature, str) else list(feature)
            self.loss_weights[name] = cfg.pop('weight', 1.0)
            if cfg.pop('gather', False):
                self.gathered_losses.add(name)
            self.losses[name] = MODELS.build(cfg)

    def loss(self, feats: tuple[Tensor, ...], data_samples: list[ReIDDataSample]) -> dict[str, Tensor]:
        """Weighted losses ``loss_<name>``, and ``acc_id``, the batch's identification accuracy in percent.

        Raises:
            ValueError: If a loss names a feature that this head does not have.
        """
        features = self(feats)
        logits = features['logits']
        labels = torch.tensor([sample.gt_label for sample in data_samples], device=logits.device)
        modalities = torch.tensor([sample.modality for sample in data_samples], device=logits.device)
        results = {}
        for name, loss in self.losses.items():
            for feature in self.loss_features[name]:
                if feature not in features:
                    raise ValueError(
                        f'The loss {name!r} wants the feature {feature!r}, but this model has only '
                        f'{", ".join(sorted(features))}.'
                    )
            batches = [(features[feature], labels, modalities) for feature in self.loss_features[name]]
            if name in self.gathered_losses:
                batches = [map(gather_rows, batch) for batch in batches]
            results[f'loss_{name}'] = self.loss_weights[name] * sum(loss(*batch) for batch in batches)
        results['acc_id'] = 100 * (logits.detach().argmax(1) == labels).float().mean()
        return results

    def collapse_values(self) -> dict[str, float]:
        """By log key, the weighted value at which a loss sits when all features are equal, for losses that have one."""
        return {
            f'loss_{name}': self.loss_weights[name] * len(self.loss_features[name]) * loss.collapse_value
            for name, loss in self.losses.items()
            if loss.collapse_value is not None
        }

    def retrieval_feature(self, feats: tuple[Tensor, ...]) -> Tensor:
        """The feature that represents an image in retrieval: float32, L2-normalised, (B, D)."""
        return F.normalize(self(feats)[self.test_features[self.test_feature]].float())

    def predict(self, feats: tuple[Tensor, ...], data_samples: list[ReIDDataSample]) -> list[ReIDDataSample]:
        """Store each image's :meth:`retrieval_feature` as ``pred_feature`` (D,) of its sample."""
        for sample, feature in zip(data_samples, self.retrieval_feature(feats)):
            sample.pred_feature = feature
        return data_samples

"""BNNeck head (Luo et al., CVPRW 2019) with a named mapping of losses."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDDataSample

__all__ = ['BNNeckHead']


@MODELS.register_module()
class BNNeckHead(BaseModule):
    """Pooling, a batch norm whose bias stays zero, and a classifier without bias.

    Metric losses usually act on ``embed`` (before the norm) and the identity loss on ``logits`` (after it). A subclass
    computes other embeddings, or offers more features to the losses, by overriding :meth:`embeddings`.

    Args:
        num_classes (int): Training identities C.
        in_channels (int): Width D of the embedding.
        losses (dict[str, dict]): Loss configs by name; the name is the log key (``loss_<name>``). Beside ``type`` and
            the loss's own arguments each has ``feature``, the name of the feature it acts on, or a list of names over
            which it is summed, and optionally ``weight`` (default 1). Defaults to none.
        pooling (dict): Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): 'post_bn' or 'pre_bn', the feature used for retrieval. Defaults to 'post_bn'.

    Attributes:
        loss_weights (dict[str, float]): The weights by name; may be changed during training.
    """

    def __init__(self, num_classes: int, in_channels: int, losses: dict[str, dict] | None = None,
                 pooling: dict = dict(type='GlobalAveragePooling'), test_feature: str = 'post_bn') -> None:
        super().__init__()
        if test_feature not in ('post_bn', 'pre_bn'):
            raise ValueError(f"test_feature must be 'post_bn' or 'pre_bn', not {test_feature!r}.")
        self.test_feature = test_feature
        self.pooling = MODELS.build(pooling)
        self.bnneck = nn.BatchNorm1d(in_channels)
        self.bnneck.bias.requires_grad_(False)
        nn.init.normal_(self.bnneck.weight, mean=1.0, std=0.01)
        self.classifier = nn.Linear(in_channels, num_classes, bias=False)
        nn.init.normal_(self.classifier.weight, std=0.001)

        self.losses = nn.ModuleDict()
        self.loss_weights: dict[str, float] = {}
        self.loss_features: dict[str, list[str]] = {}
        for name, cfg in (losses or {}).items():
            cfg = dict(cfg)
            feature = cfg.pop('feature')
            self.loss_features[name] = [feature] if isinstance(feature, str) else list(feature)
            self.loss_weights[name] = cfg.pop('weight', 1.0)
            self.losses[name] = MODELS.build(cfg)

    def embeddings(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Named features before the norm, among them ``embed`` (B, D).

        Args:
            feats (tuple[Tensor]): Feature maps of the backbone; the last one, (B, D, h, w), is pooled.
        """
        return dict(embed=self.pooling(feats[-1]))

    def forward(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """All named features: :meth:`embeddings`, ``bn_embed`` (B, D) and ``logits`` (B, C)."""
        features = self.embeddings(feats)
        features['bn_embed'] = self.bnneck(features['embed'])
        features['logits'] = self.classifier(features['bn_embed'])
        return features

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
                    raise ValueError(f'The loss {name!r} wants the feature {feature!r}, but this model has only '
                                     f'{", ".join(sorted(features))}.')
            values = [loss(features[feature], labels, modalities) for feature in self.loss_features[name]]
            results[f'loss_{name}'] = self.loss_weights[name] * sum(values)
        results['acc_id'] = 100 * (logits.detach().argmax(1) == labels).float().mean()
        return results

    def collapse_values(self) -> dict[str, float]:
        """By log key, the weighted value at which a loss sits when all features are equal, for losses that have one."""
        return {
            f'loss_{name}': self.loss_weights[name] * len(self.loss_features[name]) * loss.collapse_value
            for name, loss in self.losses.items() if loss.collapse_value is not None
        }

    def retrieval_feature(self, feats: tuple[Tensor, ...]) -> Tensor:
        """The feature that represents an image in retrieval: float32, L2-normalised, (B, D)."""
        features = self(feats)['bn_embed' if self.test_feature == 'post_bn' else 'embed']
        return F.normalize(features.float())

    def predict(self, feats: tuple[Tensor, ...], data_samples: list[ReIDDataSample]) -> list[ReIDDataSample]:
        """Store each image's :meth:`retrieval_feature` as ``pred_feature`` (D,) of its sample."""
        for sample, feature in zip(data_samples, self.retrieval_feature(feats)):
            sample.pred_feature = feature
        return data_samples

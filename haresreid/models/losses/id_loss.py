"""Identity loss: cross-entropy over the training identities (HAResformer, eq. 7)."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island
from .loss import ReIDLoss

__all__ = ['IDLoss']


@MODELS.register_module()
class IDLoss(ReIDLoss):
    """Mean cross-entropy over the whole batch; both modalities of a person are one class.

    Eq. 7 taken literally adds the means of the two modalities, which is twice this value on a balanced batch. The mean
    is used because the paper's other weights come from code with one mean. For the literal reading set the weight to 2.

    Args:
        label_smoothing (float): Defaults to 0.0.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing

    @fp32_island
    def forward(self, feats: Tensor, batch: ReIDBatch) -> Tensor:
        """Logits (N, C); the modalities are not used."""
        return F.cross_entropy(feats, batch.labels, label_smoothing=self.label_smoothing)

    def collapse_value(self, num_classes: int | None) -> float | None:
        """The logarithm of C, the value of uninformative logits."""
        return None if num_classes is None else math.log(num_classes)

    def metrics(self, feats: Sequence[Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """``acc``, the identification accuracy in percent; several classifiers are judged by their mean logits."""
        logits = torch.stack([logits.detach() for logits in feats]).mean(dim=0)  # (N, C)
        return dict(acc=100 * (logits.argmax(1) == batch.labels).float().mean())

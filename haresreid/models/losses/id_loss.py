"""Identity loss: cross-entropy over the training identities (HAResformer, eq. 7)."""

import math

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .functional import fp32_island

__all__ = ['IDLoss']


@MODELS.register_module()
class IDLoss(nn.Module):
    """Cross-entropy, the mean over the whole batch, in which both modalities of a person are one class.

    Eq. 7 literally adds the means of the two modalities, which is twice this value on a balanced batch: the paper's
    other weights come from code with one mean. For the literal reading give the loss the weight 2.

    Args:
        label_smoothing (float): Defaults to 0.0.

    Attributes:
        collapse_value (float, optional): ln C, the loss when the logits say nothing; None before the first batch.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.collapse_value: float | None = None

    @fp32_island
    def forward(self, feats: Tensor, labels: Tensor, modalities: Tensor) -> Tensor:
        """Logits (N, C), labels (N,); the modalities are not used."""
        self.collapse_value = math.log(feats.size(1))
        return F.cross_entropy(feats, labels, label_smoothing=self.label_smoothing)

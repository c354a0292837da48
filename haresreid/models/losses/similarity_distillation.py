"""Similarity-preserving knowledge distillation (Tung and Mori, ICCV 2019)."""

import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .functional import fp32_island, refuse_unequal_rows
from .loss import ReIDLoss

__all__ = ['SimilarityDistillationLoss']


@MODELS.register_module()
class SimilarityDistillationLoss(ReIDLoss):
    """Mean squared difference between the batch's similarity matrices by student and by teacher.

    A matrix holds the products of all pairs of features, and its rows are L2-normalised. Student and teacher may have
    features of different widths. Unlike in the paper, features are L2-normalised first: the similarities are those that
    retrieval ranks by.
    """

    @fp32_island
    def forward(self, batch: ReIDBatch, feats: Tensor, target: Tensor) -> Tensor:
        """The student's features (N, D) and the teacher's (N, E), row by row.

        Raises:
            ValueError: If their rows are not as many.
        """
        refuse_unequal_rows(self, feats, target)
        student, teacher = (F.normalize(x) @ F.normalize(x).T for x in (feats, target))  # (N, N) each
        return F.mse_loss(F.normalize(student), F.normalize(teacher))

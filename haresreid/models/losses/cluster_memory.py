"""The clusters' features that unsupervised losses compare with."""

from collections.abc import Mapping

import torch.nn.functional as F
from torch import Tensor

from haresreid.structures import ReIDBatch

__all__ = ['ClusterMemory']


class ClusterMemory:
    """A feature of each cluster and modality, which follows the features of the batches (Cluster Contrast, ACCV 2022).

    It is made anew in every epoch, from the features of all images, so no checkpoint holds it.

    Args:
        means (Mapping[int, Tensor]): Modality -> (C, D) unit rows.
        partners (Mapping[int, Tensor]): Modality -> (C,) the partner of each of its clusters in the other modality, -1
            where there is none. Empty if no partners were sought.
        momentum (float): What an update leaves of a feature, in [0, 1).
        aggregate (bool): Whether a cluster and its partner share a feature, the mean of theirs. They are to be each
            other's only partners.
    """

    def __init__(
        self, means: Mapping[int, Tensor], partners: Mapping[int, Tensor], momentum: float, aggregate: bool = False
    ) -> None:
        self.means = dict(means)
        self.partners = dict(partners)
        self.momentum = momentum
        self.aggregate = aggregate
        self.seen: tuple[Tensor, ReIDBatch] | None = None
        self._share_features()

    def see(self, feats: Tensor, batch: ReIDBatch) -> None:
        """Keep a batch for :meth:`update`: features (N, D), and their clusters in place of labels."""
        self.seen = F.normalize(feats.detach()), batch

    def update(self) -> None:
        """Move the features of the clusters that :meth:`see` showed, row by row in the order of the batch.

        Cluster Contrast, eq. 3: after each row the feature is ``momentum`` times the old one plus the rest of the row,
        normalised.
        """
        if self.seen is None:
            return
        feats, batch = self.seen
        self.seen = None
        for modality, means in self.means.items():
            rows = batch.rows_of(modality).to(feats.device)  # (n,)
            moved = means.clone()
            for feat, label in zip(feats[rows], batch.labels[rows].tolist()):
                moved[label] = F.normalize(self.momentum * moved[label] + (1 - self.momentum) * feat, dim=0)
            self.means[modality] = moved
        self._share_features()

    def _share_features(self) -> None:
        if not self.aggregate or not self.partners:
            return
        (one, partners), (other, _) = self.partners.items()
        matched = (partners >= 0).nonzero().squeeze(1)  # (m,)
        shared = F.normalize(self.means[one][matched] + self.means[other][partners[matched]])  # (m, D)
        self.means[one] = self.means[one].index_copy(0, matched, shared)
        self.means[other] = self.means[other].index_copy(0, partners[matched], shared)

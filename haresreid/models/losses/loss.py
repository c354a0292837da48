"""The base class of all losses."""

from collections.abc import Sequence

from torch import Tensor, nn

from haresreid.structures import ReIDBatch

__all__ = ['ReIDLoss']


class ReIDLoss(nn.Module):
    """A loss on the rows of a batch. A subclass defines ``forward(feats, batch)`` and gives a scalar.

    ``feats`` has a row for every row of ``batch``. A loss on several features takes them by name,
    ``forward(batch, feats, target)``; the config says which feature is which argument, see :class:`Criterion`.
    """

    def collapse_value(self, num_classes: int | None) -> float | None:
        """The loss when all features are equal; None if that value is no sign of a collapse.

        A value of 0 is no such sign, because well-aligned features give it too.

        Args:
            num_classes (int, optional): Training identities; None if the head has no classifier.
        """
        return None

    def metrics(self, feats: Sequence[Tensor], batch: ReIDBatch) -> dict[str, Tensor]:
        """Further values for the log: ``acc`` of the loss ``id`` is logged as ``acc_id``.

        Args:
            feats (Sequence[Tensor]): All features that the loss is summed over.
            batch (ReIDBatch): Their rows.
        """
        return {}

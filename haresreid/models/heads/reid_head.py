"""The base of all heads: named features, one of which represents an image in retrieval."""

from typing import ClassVar

from mmengine.model import BaseModule
from torch import Tensor

from haresreid.structures import ReIDBatch

__all__ = ['ReIDHead']


class ReIDHead(BaseModule):
    """Named features, and nothing else: losses are the :class:`Criterion`'s. A subclass computes them in ``forward``.

    Args:
        num_classes (int, optional): Training identities C.
        test_feature (str): The feature used for retrieval, a key of ``test_features``.

    Attributes:
        test_features (dict[str, str]): The choices of ``test_feature``, each with the named feature it selects.
        training_only (tuple[str, ...]): See :meth:`VIReID.training_only`.

    Raises:
        ValueError: If this head has no such ``test_feature``.
    """

    test_features: ClassVar[dict[str, str]] = {}
    training_only: ClassVar[tuple[str, ...]] = ()

    def __init__(self, num_classes: int | None, test_feature: str) -> None:
        super().__init__()
        if test_feature not in self.test_features:
            choices = ' or '.join(map(repr, self.test_features))
            raise ValueError(f'test_feature must be {choices}, not {test_feature!r}.')
        self.num_classes = num_classes
        self.test_feature = test_feature

    @property
    def retrieval_feature(self) -> str:
        """Name of the feature that represents an image in retrieval."""
        return self.test_features[self.test_feature]

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> dict[str, Tensor]:
        """Features by name, each with a row for every row of ``batch``."""
        raise NotImplementedError

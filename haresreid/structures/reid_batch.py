"""What is known of the rows that pass through a model together."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .modality import Modality
from .reid_data_sample import ReIDDataSample

__all__ = ['ReIDBatch']

UNKNOWN = -1


class ReIDBatch(NamedTuple):
    """What is known of the N rows that pass through the model together: entry i describes row i of every tensor.

    The modalities stay on the host, whatever the device: they decide shapes, for which neither a GPU nor the meta
    device can be asked. The other fields lie beside the images.

    Attributes:
        labels (Tensor): (N,) training classes, -1 where unknown.
        modalities (Tensor): (N,) :class:`Modality` values on the host, -1 where unknown.
        cameras (Tensor): (N,) camera numbers, -1 where unknown.
        items (Tensor): (N,) the loader's sample that each row comes from. Views of one image, images generated from it
            and frames of one tracklet share it.
    """

    labels: Tensor
    modalities: Tensor
    cameras: Tensor
    items: Tensor

    @classmethod
    def of(cls, samples: Sequence[ReIDDataSample], device: torch.device | str = 'cpu') -> 'ReIDBatch':
        """The batch of a loader's samples, a row each; what a sample does not state is unknown."""

        def field(name: str) -> Tensor:
            return torch.tensor([getattr(sample, name, UNKNOWN) for sample in samples], dtype=torch.long)  # (N,)

        items = torch.arange(len(samples), device=device)
        return cls(field('gt_label').to(device), field('modality'), field('camid').to(device), items)

    @classmethod
    def unlabelled(cls, modalities: Tensor, device: torch.device | str = 'cpu') -> 'ReIDBatch':
        """The batch of images of which only the modalities (N,) are known."""
        unknown = torch.full_like(modalities, UNKNOWN, device=device)
        return cls(unknown, modalities, unknown, torch.arange(modalities.shape[0], device=device))

    @classmethod
    def labelled(cls, labels: Tensor, modalities: Tensor | None = None) -> 'ReIDBatch':
        """The batch of rows whose labels (N,), and perhaps modalities (N,), are known."""
        if modalities is None:
            modalities = torch.full_like(labels, UNKNOWN, device='cpu')
        return cls.unlabelled(modalities, labels.device)._replace(labels=labels)

    def take(self, rows: Tensor) -> 'ReIDBatch':
        """The batch of these rows, (M,) indices, in their order; a row may be taken more than once."""
        return ReIDBatch(*(field[rows.to(field.device)] for field in self))

    def repeat(self, times: int, modality: Modality | None = None) -> 'ReIDBatch':
        """The batch of all rows ``times`` times over: row i, then N + i, 2 N + i, ... describe one item.

        Args:
            times (int): How often.
            modality (Modality, optional): Of the copies; the first N rows keep theirs. Defaults to None, the row's own.
        """
        repeated = ReIDBatch(*(field.repeat(times) for field in self))
        if modality is not None:
            repeated.modalities[len(self.modalities) :] = modality
        return repeated

    def rows_of(self, *modalities: int) -> Tensor:
        """Rows of these modalities, (M,) indices on the host, in the order of the batch."""
        return torch.isin(self.modalities, torch.tensor(modalities)).nonzero().squeeze(1)

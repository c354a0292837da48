"""What is known of the rows that pass through a model together."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .reid_data_sample import ReIDDataSample

__all__ = ['ReIDBatch']

UNKNOWN = -1


class ReIDBatch(NamedTuple):
    """What is known of the N rows that pass through the model together: entry i describes row i of every tensor.

    Modalities and cameras always stay on the host. Modalities determine shapes, and both choose embeddings, whose range
    must be checked; values can be read neither from a GPU without waiting nor from the meta device. The other fields
    are on the images' device.

    Attributes:
        labels (Tensor): (N,) training classes, -1 where unknown.
        modalities (Tensor): (N,) :class:`Modality` values on the host, -1 where unknown.
        cameras (Tensor): (N,) camera numbers on the host, -1 where unknown.
        items (Tensor): (N,) the loader's sample that each row comes from. Views of one image, images generated from it
            and frames of one tracklet share it.
    """

    labels: Tensor
    modalities: Tensor
    cameras: Tensor
    items: Tensor

    @classmethod
    def of(cls, samples: Sequence[ReIDDataSample], device: torch.device | str = 'cpu') -> 'ReIDBatch':
        """The batch of a loader's samples, one row each; a label that a sample lacks is unknown."""

        def field(name: str) -> Tensor:
            return torch.tensor([getattr(sample, name, UNKNOWN) for sample in samples], dtype=torch.long)  # (N,)

        items = torch.arange(len(samples), device=device)
        return cls(field('gt_label').to(device), field('modality'), field('camid'), items)

    @classmethod
    def unlabelled(cls, modalities: Tensor, device: torch.device | str = 'cpu') -> 'ReIDBatch':
        """The batch of N images for which only the modalities, (N,), are known."""
        labels, cameras = (torch.full_like(modalities, UNKNOWN, device=place) for place in (device, 'cpu'))
        return cls(labels, modalities, cameras, torch.arange(modalities.shape[0], device=device))

    @classmethod
    def labelled(cls, labels: Tensor, modalities: Tensor | None = None) -> 'ReIDBatch':
        """The batch of N rows with known labels, (N,), and optionally modalities, (N,)."""
        if modalities is None:
            modalities = torch.full_like(labels, UNKNOWN, device='cpu')
        return cls.unlabelled(modalities, labels.device)._replace(labels=labels)

    def take(self, rows: Tensor) -> 'ReIDBatch':
        """The batch of the given rows, (M,) indices, in the given order; a row may occur more than once."""
        return ReIDBatch(*(field[rows.to(field.device)] for field in self))

    def repeat(self, times: int, modality: int | None = None, step: int = 0) -> 'ReIDBatch':
        """Repeat all rows ``times`` times: rows i, N + i, 2 N + i, ... describe one item.

        Args:
            times (int): How often the rows occur in the result.
            modality (int, optional): Modality of the copies; the first N rows keep theirs. Defaults to None: a copy
                has the modality of its row.
            step (int): What is added to a row's modality from each of its copies to the next. Defaults to 0.
        """
        repeated = ReIDBatch(*(field.repeat(times) for field in self))
        if modality is not None:
            repeated.modalities[len(self.modalities) :] = modality
        if step:
            blocks = [self.modalities + copy * step for copy in range(times)]  # (N,) each
            repeated = repeated._replace(modalities=torch.cat(blocks))
        return repeated

    def is_of(self, *modalities: int) -> Tensor:
        """Whether each row has one of these modalities, (N,) on the host."""
        # an int: torch.compile takes a tensor and an enum for unequal, whatever they hold
        return torch.stack([self.modalities == int(modality) for modality in modalities]).any(0)

    def rows_of(self, *modalities: int) -> Tensor:
        """Indices, (M,) on the host, of the rows with one of these modalities, in the order of the batch."""
        return self.is_of(*modalities).nonzero().squeeze(1)

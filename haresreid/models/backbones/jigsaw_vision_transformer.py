"""Vision transformer with the jigsaw patch module (TransReID, He et al., ICCV 2021)."""

import torch
from torch import Tensor

from haresreid.registry import MODELS

from .local_vision_transformer import LocalVisionTransformer

__all__ = ['JigsawVisionTransformer']


@MODELS.register_module()
class JigsawVisionTransformer(LocalVisionTransformer):
    """A vision transformer that also looks at shuffled groups of patches, its jigsaw patch module (JPM).

    Each part has a quarter of the patch tokens. They are shuffled before: moved on by ``shift``, cut into
    ``num_groups`` runs, and taken from the runs in turn. Tokens beyond a multiple of ``num_parts`` are left out.

    Args:
        num_parts (int): Defaults to 4.
        shift (int): In tokens. Defaults to 4, what TransReID's released code does with its ``shift_num`` of 5, which
            counts the class token.
        num_groups (int): Defaults to 2.
        **kwargs: Those of :class:`ReIDVisionTransformer`.
    """

    def __init__(self, *, num_parts: int = 4, shift: int = 4, num_groups: int = 2, **kwargs) -> None:
        super().__init__(**kwargs)
        self.num_parts = num_parts
        self.shift = shift
        self.num_groups = num_groups

    def parts(self, x: Tensor) -> list[Tensor]:
        """The tokens of each part, the class token first: (B, 1+N, D) -> (B, 1 + N // num_parts, D) each.

        Raises:
            ValueError: If there are fewer patches than parts.
        """
        cls_token, patches = x[:, :1], x[:, 1:].roll(-self.shift, dims=1)
        count = patches.shape[1]
        if count < self.num_parts:
            raise ValueError(f'{count} patches cannot be dealt to {self.num_parts} parts: choose a smaller num_parts.')
        if count % self.num_groups:  # as in the released code: the last token but one once more
            patches = torch.cat((patches, patches[:, -2:-1]), dim=1)
        patches = patches.unflatten(1, (self.num_groups, -1)).transpose(1, 2).flatten(1, 2)  # (B, N, D)
        parts = patches.split(count // self.num_parts, dim=1)[: self.num_parts]
        return [torch.cat((cls_token, part), dim=1) for part in parts]

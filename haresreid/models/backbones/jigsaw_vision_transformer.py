"""Vision transformer with the jigsaw patch module (TransReID, He et al., ICCV 2021)."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_vision_transformer import ReIDVisionTransformer

__all__ = ['JigsawVisionTransformer']


@MODELS.register_module()
class JigsawVisionTransformer(ReIDVisionTransformer):
    """A :class:`ReIDVisionTransformer` that also looks at shuffled groups of patches, its jigsaw patch module (JPM).

    The last block and norm see all tokens. A second last block and norm, ``local``, which start from the same weights,
    see the class token with a quarter of the patch tokens, once for each quarter. The tokens are shuffled before: moved
    on by ``shift``, cut into ``num_groups`` runs, and taken from the runs in turn. Tokens beyond a multiple of
    ``num_parts`` are left out.

    Args:
        num_parts (int): Defaults to 4.
        shift (int): In tokens. Defaults to 4, what TransReID's released code does with its ``shift_num`` of 5, which
            counts the class token.
        num_groups (int): Defaults to 2.
        **kwargs: Those of :class:`ReIDVisionTransformer`.

    Raises:
        ValueError: If there are registers, which would be dealt to the parts.
    """

    added_parts = (*ReIDVisionTransformer.added_parts, 'local.')

    def __init__(self, *, num_parts: int = 4, shift: int = 4, num_groups: int = 2, **kwargs) -> None:
        super().__init__(final_norm=True, **kwargs)
        if self.registers is not None:
            raise ValueError('The jigsaw patch module deals patches to parts, not registers: leave num_registers at 0.')
        self.num_parts = num_parts
        self.shift = shift
        self.num_groups = num_groups
        self.local = nn.Sequential(deepcopy(self.layers[-1]), deepcopy(self.ln1))

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor, ...], ReIDBatch]:
        """The class tokens of the whole image and of its parts, ``1 + num_parts`` of (B, D).

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: See :class:`ReIDVisionTransformer`; also if there are fewer patches than parts.
        """
        x = self.embed(inputs, batch)
        for layer in self.layers[:-1]:
            x = layer(x)
        whole = self.ln1(self.layers[-1](x))[:, 0]  # (B, D)
        parts = self.local(torch.cat(self._parts(x)))[:, 0]  # (num_parts * B, D)
        return (whole, *parts.unflatten(0, (self.num_parts, -1)).unbind()), batch

    def get_layer_depth(self, param_name: str, prefix: str = '') -> tuple[int, int]:
        """Depth of a parameter, and the number of depths; the second last block is as deep as the last."""
        last = f'{prefix}layers.{self.num_layers - 1}.'
        return super().get_layer_depth(param_name.replace(f'{prefix}local.0.', last), prefix)

    def init_weights(self) -> None:
        super().init_weights()
        for module, source in zip(self.local, (self.layers[-1], self.ln1)):
            module.load_state_dict(source.state_dict())

    def _parts(self, x: Tensor) -> list[Tensor]:
        """The tokens of each part, the class token first: (B, 1+N, D) -> (B, 1 + N // num_parts, D) each."""
        cls_token, patches = x[:, :1], x[:, 1:].roll(-self.shift, dims=1)
        count = patches.shape[1]
        if count < self.num_parts:
            raise ValueError(f'{count} patches cannot be dealt to {self.num_parts} parts: choose a smaller num_parts.')
        if count % self.num_groups:  # as in the released code: the last token but one once more
            patches = torch.cat((patches, patches[:, -2:-1]), dim=1)
        patches = patches.unflatten(1, (self.num_groups, -1)).transpose(1, 2).flatten(1, 2)  # (B, N, D)
        parts = patches.split(count // self.num_parts, dim=1)[: self.num_parts]
        return [torch.cat((cls_token, part), dim=1) for part in parts]

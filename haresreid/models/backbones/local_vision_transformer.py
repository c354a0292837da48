"""A vision transformer that also looks at parts of an image, through a last block of their own."""

from copy import deepcopy

import torch
from torch import Tensor, nn

from haresreid.structures import ReIDBatch

from .reid_vision_transformer import ReIDVisionTransformer

__all__ = ['LocalVisionTransformer']


class LocalVisionTransformer(ReIDVisionTransformer):
    """The base of vision transformers that choose some of the patch tokens, once or for several parts of an image.

    The last block and norm see all tokens. A second last block and norm, ``local``, which start from the same weights,
    see the class token with the patch tokens of a part, once for each part. A subclass chooses them in :meth:`parts`.

    Args:
        **kwargs: Those of :class:`ReIDVisionTransformer`.

    Raises:
        ValueError: If there are registers, which would be among the patches.
    """

    added_parts = (*ReIDVisionTransformer.added_parts, 'local.')

    def __init__(self, **kwargs) -> None:
        super().__init__(final_norm=True, **kwargs)
        if self.registers is not None:
            raise ValueError(f'{type(self).__name__} chooses among patches, not registers: leave num_registers at 0.')
        self.local = nn.Sequential(deepcopy(self.layers[-1]), deepcopy(self.ln1))

    def parts(self, x: Tensor) -> list[Tensor]:
        """The tokens of each part, the class token first: (B, 1+N, D) before the last block -> (B, 1+k, D) each."""
        raise NotImplementedError

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor, ...], ReIDBatch]:
        """The class tokens of the whole image and of its parts, (B, D) each.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: See :class:`ReIDVisionTransformer`; also if there are too few patches.
        """
        x = self.encode(self.embed(inputs, batch), batch)
        whole = self.ln1(self.layers[-1](x))[:, 0]  # (B, D)
        parts = self.parts(x)
        local = self.local(torch.cat(parts))[:, 0]  # (parts * B, D)
        return (whole, *local.unflatten(0, (len(parts), -1)).unbind()), batch

    def encode(self, x: Tensor, batch: ReIDBatch) -> Tensor:
        """The tokens behind all blocks but the last, (B, 1+N, D), from those in front of the first."""
        for layer in self.layers[:-1]:
            x = layer(x)
        return x

    def get_layer_depth(self, param_name: str, prefix: str = '') -> tuple[int, int]:
        """Depth of a parameter, and the number of depths; the second last block is as deep as the last."""
        last = f'{prefix}layers.{self.num_layers - 1}.'
        return super().get_layer_depth(param_name.replace(f'{prefix}local.0.', last), prefix)

    def init_weights(self) -> None:
        super().init_weights()
        for module, source in zip(self.local, (self.layers[-1], self.ln1)):
            module.load_state_dict(source.state_dict())

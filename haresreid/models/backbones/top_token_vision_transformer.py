"""Vision transformer that looks again at the patches its class token attends to (TVTR, ICASSP 2023)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from haresreid.registry import MODELS

from .local_vision_transformer import LocalVisionTransformer

__all__ = ['TopTokenVisionTransformer']


@MODELS.register_module()
class TopTokenVisionTransformer(LocalVisionTransformer):
    """A vision transformer whose one part is the top k patch tokens, those with the most class attention.

    Class attention is what the class token gives to a patch in the last block, averaged over the heads. Its choice has
    no gradient. The paper's text was not available: which block attends, and what sees the chosen tokens, is our
    reading of its abstract.

    Args:
        ratio (float): k as a share of the patches, above 0 and at most 1; k is at least 1. Defaults to 0.5.
        **kwargs: Those of :class:`ReIDVisionTransformer`.

    Raises:
        ValueError: If ``ratio`` is not above 0 and at most 1.
    """

    def __init__(self, *, ratio: float = 0.5, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0 < ratio <= 1:
            raise ValueError(
                f'ratio must be above 0 and at most 1, not {ratio}: it is the share of patches that is kept.'
            )
        self.ratio = ratio

    def parts(self, x: Tensor) -> list[Tensor]:
        """The class token and the top k patch tokens, (B, 1+N, D) -> one (B, 1+k, D)."""
        attention = self.class_attention(x)  # (B, N)
        count = max(1, int(self.ratio * attention.shape[1]))
        chosen = attention.topk(count, dim=1).indices.unsqueeze(2).expand(-1, -1, x.shape[2])  # (B, k, D)
        return [torch.cat((x[:, :1], x[:, 1:].gather(1, chosen)), dim=1)]

    @torch.no_grad()
    def class_attention(self, x: Tensor) -> Tensor:
        """What the class token gives to each patch in the last block, the mean of its heads: (B, 1+N, D) -> (B, N)."""
        block = self.layers[-1]
        query, key, _ = block.attn.qkv(block.ln1(x)).chunk(3, dim=2)  # (B, 1+N, D) each
        query, key = (each.unflatten(2, (block.attn.num_heads, -1)).transpose(1, 2) for each in (query[:, :1], key))
        scores = query @ key.transpose(2, 3) / query.shape[3] ** 0.5  # (B, heads, 1, 1+N)
        return F.softmax(scores.float(), dim=3).mean(1)[:, 0, 1:]

"""Head that takes the knowledge of a modality out of an image's feature (CMTR, TMM 2023)."""

from torch import Tensor, nn

from haresreid.registry import MODELS

from ..layers.pooling import at_least_fp32
from .bnneck_head import BNNeckHead

__all__ = ['ModalityRemovalHead']


@MODELS.register_module()
class ModalityRemovalHead(BNNeckHead):
    """A :class:`BNNeckHead` behind :class:`ModalityVisionTransformer`.

    ``embed`` is the class token less the knowledge of its modality, a linear map of the modality's embedding; norm,
    classifier and retrieval use it. ``token`` is the class token itself. The map has no bias, which would be the same
    for both modalities, and which the norm takes away.

    Args:
        in_channels (int): Width D of a token.
        **kwargs: Those of :class:`BNNeckHead`.
    """

    def __init__(self, in_channels: int, **kwargs) -> None:
        super().__init__(in_channels, **kwargs)
        self.knowledge = nn.Linear(in_channels, in_channels, bias=False)

    def embeddings(self, feats: tuple[Tensor, ...]) -> dict[str, Tensor]:
        """Named features before the norm: ``token`` and ``embed``, (B, D) each."""
        modality, tokens = feats
        token = self.pooling(tokens)  # (B, D)
        return dict(token=token, embed=token - at_least_fp32(self.knowledge(modality)))

"""Vision transformer that hands on what it has learned of a modality (CMTR, TMM 2023)."""

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .reid_vision_transformer import ReIDVisionTransformer

__all__ = ['ModalityVisionTransformer']


@MODELS.register_module()
class ModalityVisionTransformer(ReIDVisionTransformer):
    """A :class:`ReIDVisionTransformer` that also returns the embedding of each row's modality, for its head.

    Args:
        num_modalities (int): Number of modalities. Defaults to 2.
        side_weight (float): Factor of the embedding that is added to the tokens. Defaults to 1.0.
        **kwargs: Those of :class:`ReIDVisionTransformer`.
    """

    def __init__(self, *, num_modalities: int = 2, side_weight: float = 1.0, **kwargs) -> None:
        super().__init__(num_modalities=num_modalities, side_weight=side_weight, **kwargs)

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor, Tensor], ReIDBatch]:
        """The embeddings of the rows' modalities, (B, D), and all tokens of the last block, (B, 1+N, D).

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W).
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: See :class:`ReIDVisionTransformer`.
        """
        (tokens,), batch = super().forward(inputs, batch)
        return (self.modality_embed[batch.modalities.to(tokens.device)].squeeze(1), tokens), batch

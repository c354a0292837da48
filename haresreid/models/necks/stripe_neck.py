"""Horizontal stripes of a feature map as vectors (PCB, Sun et al., ECCV 2018, as HC-Tri uses it)."""

from mmengine.model import BaseModule
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

__all__ = ['StripeNeck']


@MODELS.register_module()
class StripeNeck(BaseModule):
    """Pool each stripe of the last map and embed it by its own point-wise convolution, batch norm and, as a rule, ReLU.

    Args:
        in_channels (int): Channels of the map. Defaults to 2048.
        num_stripes (int): Defaults to 6.
        channels (int): Width of a stripe vector. Defaults to 256.
        pooling (dict): Defaults to ``dict(type='GeneralizedMeanPooling')``.
        relu (bool): Whether a ReLU follows the batch norm. Defaults to True.
        init_cfg (list[dict], optional): MMEngine's initialisers. Defaults to None: Kaiming's (fan-in) for the weights
            of the convolutions and PyTorch's own for the rest, as in HC-Tri's code.

    Raises:
        ValueError: In ``forward``, if the map's height is not a multiple of ``num_stripes``.
    """

    def __init__(
        self,
        in_channels: int = 2048,
        num_stripes: int = 6,
        channels: int = 256,
        pooling: dict = dict(type='GeneralizedMeanPooling'),
        relu: bool = True,
        init_cfg: list[dict] | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.pooling = MODELS.build(pooling)
        self.stripes = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(in_channels, channels, 1),
                nn.BatchNorm2d(channels),
                nn.ReLU() if relu else nn.Identity(),
            )
            for _ in range(num_stripes)
        )
        for conv, *_ in self.stripes:
            nn.init.kaiming_normal_(conv.weight)

    def forward(self, feats: tuple[Tensor, ...], batch: ReIDBatch) -> tuple[tuple[Tensor, ...], ReIDBatch]:
        """The last map (B, in_channels, h, w) -> ``num_stripes`` vectors (B, channels), from top to bottom."""
        height, count = feats[-1].size(2), len(self.stripes)
        if height % count:
            raise ValueError(
                f'A map of {height} rows cannot be cut into {count} equal stripes: choose an image height '
                'or num_stripes that fits.'
            )
        pooled = [self.pooling(stripe)[..., None, None] for stripe in feats[-1].chunk(count, dim=2)]  # (B, C, 1, 1)
        return tuple(embed(x).flatten(1) for embed, x in zip(self.stripes, pooled)), batch

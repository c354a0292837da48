"""Two-stream ResNet that aggregates the levels of its stages and triples its rows (DEEN, Zhang and Wang, CVPR 2023)."""

from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers.diverse_expansion import DiverseEmbeddingExpansion
from ..layers.level_aggregation import LevelAggregation
from .two_stream_resnet import TwoStreamResNet

__all__ = ['ExpandingResNet']


@MODELS.register_module()
class ExpandingResNet(TwoStreamResNet):
    """A :class:`TwoStreamResNet` whose first stages are refined by their own inputs, and then make three rows of each.

    One stage follows the expansion; any later one does not exist.

    Args:
        expand_after (int): The last stage before the expansion: 3, or 2 as in the released network for RegDB, which has
            no ``layer4``. Defaults to 3.
        dropout (float): Dropout of the expanded rows. Defaults to 0.01.
        **kwargs: Those of :class:`TwoStreamResNet`.
    """

    added_parts = (*TwoStreamResNet.added_parts, 'aggregations.', 'expansion.')

    def __init__(self, *, expand_after: int = 3, dropout: float = 0.01, **kwargs) -> None:
        super().__init__(**kwargs)
        self.expand_after = expand_after
        widths = (self.base_channels, *self.channels)
        self.aggregations = nn.ModuleList(
            LevelAggregation(widths[stage + 1], widths[stage], self.strides[stage]) for stage in range(expand_after)
        )
        self.expansion = DiverseEmbeddingExpansion(widths[expand_after], dropout)
        for name in self.res_layers[expand_after + 1 :]:
            delattr(self, name)
        self.res_layers = self.res_layers[: expand_after + 1]
        self.encoder_stages = self.encoder_stages[: expand_after + 1]

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The map of the last stage, (3 N, D, h, w), as a tuple of one; the rows are the expansion's."""
        x = inputs
        for number, stage in enumerate(self.encoder_stages, start=1):
            x = stage(x, batch)
            if number == self.expand_after:
                x, batch = self.expansion(x, batch)
        return (x,), batch

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage, with its aggregation if it has one. See :meth:`TwoStreamResNet.forward_stage`."""
        if stage == 0:
            x = self._forward_part(x, 0, batch)
        out = self._forward_part(x, stage + 1, batch)
        return self.aggregations[stage](out, x) if stage < self.expand_after else out

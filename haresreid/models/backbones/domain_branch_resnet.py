"""ResNet with a second last stage, for what tells the modalities apart (DMiR, TCSVT 2022)."""

from copy import deepcopy
from typing import ClassVar

from torch import Tensor

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .two_stream_resnet import TwoStreamResNet

__all__ = ['DomainBranchResNet']


@MODELS.register_module()
class DomainBranchResNet(TwoStreamResNet):
    """A :class:`TwoStreamResNet` whose last stage exists twice, for the identity and for the domain of an image.

    The last stage is that of the identity; ``domain`` is the other one, which training alone uses. Both are shared by
    the modalities and start from the same weights. The paper's text was not available: where the two networks part is
    our reading of its abstract.

    Args:
        **kwargs: Those of :class:`TwoStreamResNet`.

    Raises:
        ValueError: If the last stage is specific to a modality.
    """

    added_parts = (*TwoStreamResNet.added_parts, 'domain.')
    training_only: ClassVar = ('domain',)

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        if self.num_specific == 5:
            raise ValueError('The last stage exists once per domain and identity, not per modality: num_specific <= 4.')
        self.domain = deepcopy(getattr(self, self.res_layers[-1]))

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor, ...], ReIDBatch]:
        """The map of the identity, (B, D_4, h, w), in training behind that of the domain; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.
        """
        x = inputs
        for stage in self.encoder_stages[:-1]:
            x = stage(x, batch)
        identity = self.encoder_stages[-1](x, batch)
        return ((self.domain(x), identity) if self.training else (identity,)), batch

    def init_weights(self) -> None:
        super().init_weights()
        self.domain.load_state_dict(getattr(self, self.res_layers[-1]).state_dict())

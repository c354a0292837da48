"""One ResNet for both modalities, some batch norms of which exist once per modality (CM-NAS, Fu et al., ICCV 2021)."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import ModalityBatchNorm2d
from .two_stream_resnet import TwoStreamResNet

__all__ = ['SeparateNormResNet']


@MODELS.register_module()
class SeparateNormResNet(TwoStreamResNet):
    """Convolutions are shared; a separate norm has statistics and weights per modality. Both start from ImageNet's.

    Args:
        separate (str | Sequence[bool]): Which norms are separate: 'all', 'stem', 'none', or a value for each of them.
            Their order is that of CM-NAS: the stem's, then block by block the shortcut's, if it has one, and the norms
            of its convolutions; 53 in a ResNet-50. Defaults to 'all'.
        depth (int): See :class:`TwoStreamResNet`. Defaults to 50.
        base_channels (int): See :class:`TwoStreamResNet`. Defaults to 64.
        pretrained (str, optional): See :class:`TwoStreamResNet`. Defaults to None.

    Raises:
        ValueError: If ``separate`` is neither, or its values are not as many as the norms.
    """

    def __init__(
        self,
        separate: str | Sequence[bool] = 'all',
        depth: int = 50,
        base_channels: int = 64,
        pretrained: str | None = None,
    ) -> None:
        super().__init__(depth, base_channels, num_specific=0, pretrained=pretrained)
        places = list(self._norms())
        named = dict(all=[True] * len(places), stem=[True] + [False] * (len(places) - 1), none=[False] * len(places))
        switches = named.get(separate, ()) if isinstance(separate, str) else separate
        if len(switches) != len(places):
            raise ValueError(
                f"separate must be 'all', 'stem', 'none' or {len(places)} values, one for each norm of this ResNet, "
                f'not {separate!r}.'
            )
        self.any_separate = any(switches)
        self.passing = SimpleNamespace(batch=None)
        for (parent, name), switch in zip(places, switches):
            if switch:
                channels = parent.get_submodule(name).num_features
                setattr(parent, name, ModalityBatchNorm2d(channels, self.passing))

    def _norms(self) -> Iterator[tuple[nn.Module, str]]:
        """Each batch norm as a module and its name in it, in CM-NAS's order."""
        yield self, 'bn1'
        for stage in self.res_layers:
            for block in getattr(self, stage):
                if block.downsample is not None:
                    yield block.downsample, '1'
                yield from ((block, name) for name in ('bn1', 'bn2', 'bn3') if hasattr(block, name))

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; stage 0 contains the stem. See :meth:`ResNetEncoder.forward_stage`.

        Raises:
            ValueError: If a norm is separate, and a row is neither visible nor infrared.
        """
        if self.any_separate and not torch.compiler.is_compiling() and len(batch.rows_of(*Modality)) < len(x):
            raise ValueError(
                'Some norms of this SeparateNormResNet are specific to a modality, and some of the rows are neither '
                'visible nor infrared: give the modality of each image (the data_samples of VIReID).'
            )
        self.passing.batch = batch
        return super().forward_stage(x, stage, batch)

    def init_weights(self) -> None:
        super().init_weights()
        for module in self.modules():
            if isinstance(module, ModalityBatchNorm2d):
                weights = {key: value for key, value in module.state_dict().items() if not key.startswith('infrared.')}
                module.infrared.load_state_dict(weights)

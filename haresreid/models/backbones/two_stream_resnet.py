"""The two-stream ResNet of visible-infrared re-identification: first parts per modality, the rest shared."""

from copy import deepcopy
from functools import partial

from mmengine.model import BaseModule
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import Modality, ReIDBatch

from ..layers import NonLocalBlock, by_modality
from .resnet_encoder import ResNetEncoder
from .stages import last_map

__all__ = ['TwoStreamResNet']


@MODELS.register_module()
class TwoStreamResNet(ResNetEncoder):
    """ResNet whose leading parts exist once per modality, with non-local blocks where AGW has them.

    The parts are the stem and the four stages. The visible stream and the shared parts carry the ResNet's own names;
    ``infrared`` holds the infrared copies of the specific parts. ImageNet weights therefore load under torchvision's
    names, and both streams start from the same weights. In training, the batch norms of a specific part see the
    statistics of their own modality, and those of a shared part see both.

    A non-local block follows the residual block whose number it carries: ``layer2.non_local_3`` follows ``layer2.3``.

    Args:
        depth (int): 18, 34, 50, 101 or 152. Defaults to 50.
        base_channels (int): See :class:`ResNetEncoder`. Defaults to 64.
        strides (tuple[int]): Stride of each stage. Defaults to (1, 2, 2, 1).
        num_specific (int): How many parts are specific: 0 is one stream, 1 the stem, 2 also layer1, and so on to 5.
            Defaults to 1.
        non_local (tuple[int]): Non-local blocks of each stage, behind its last residual blocks; AGW has (0, 2, 3, 0).
            Defaults to none.
        non_local_channels (int, optional): Their inner width; 1 as in AGW's released code, None for half the channels
            as published. Defaults to None.
        visible_modalities (tuple[int]): Modalities whose images pass the visible stream. Defaults to visible alone.
        infrared_modalities (tuple[int]): Those whose images pass the infrared one. Defaults to infrared alone.
        stem_relu (bool): Whether a ReLU follows the batch norm of the stem; the "strong baseline" of person
            re-identification (Luo et al., CVPRW 2019), and what is built on its code, has none. Defaults to True.
        plugins (dict[str, dict]): Modules that stages end with. ``dict(layer3=dict(type=...))`` is built with the
            ``channels`` of that stage and becomes ``layer3.plugin``. Defaults to none.
        pretrained (str, optional): See :class:`ResNetEncoder`. Defaults to None.

    Raises:
        ValueError: If ``num_specific`` is not 0 to 5, a stage has fewer blocks than ``non_local`` asks for, a
            plugin names no stage, or a modality has both streams.
    """

    added_parts = ('infrared.', 'non_local_', 'plugin.')

    def __init__(
        self,
        depth: int = 50,
        base_channels: int = 64,
        strides: tuple[int, ...] = (1, 2, 2, 1),
        num_specific: int = 1,
        non_local: tuple[int, ...] = (0, 0, 0, 0),
        non_local_channels: int | None = None,
        visible_modalities: tuple[int, ...] = (Modality.VISIBLE,),
        infrared_modalities: tuple[int, ...] = (Modality.INFRARED,),
        stem_relu: bool = True,
        plugins: dict[str, dict] = {},
        pretrained: str | None = None,
    ) -> None:
        super().__init__(depth, base_channels, strides, pretrained)
        if not 0 <= num_specific <= 5:
            raise ValueError(f'num_specific must be 0 (one stream) to 5 (nothing is shared), not {num_specific}.')
        self.num_specific = num_specific
        if set(visible_modalities) & set(infrared_modalities):
            raise ValueError(
                f'A modality passes one stream, but visible_modalities={visible_modalities} and '
                f'infrared_modalities={infrared_modalities} share some.'
            )
        self.stream_modalities = visible_modalities, infrared_modalities
        if not stem_relu:
            self.relu = nn.Identity()  # only the stem calls it
        for name, channels, count in zip(self.res_layers, self.channels, non_local):
            _insert_non_local(getattr(self, name), count, channels, non_local_channels)
        for name, plugin in plugins.items():
            if name not in self.res_layers:
                raise ValueError(f'plugins has {name!r}, and the stages are {", ".join(self.res_layers)}.')
            channels = self.channels[self.res_layers.index(name)]
            getattr(self, name).add_module('plugin', MODELS.build(dict(plugin, channels=channels)))
        parts = (('conv1', 'bn1'), *((name,) for name in self.res_layers))[:num_specific]
        self.infrared = nn.ModuleDict({name: deepcopy(getattr(self, name)) for names in parts for name in names})

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The map of the last stage, (B, D_4, h, w), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.
        """
        return last_map(self.encoder_stages, inputs, batch)

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; stage 0 contains the stem. See :meth:`ResNetEncoder.forward_stage`.

        Raises:
            ValueError: If the stage has specific parts, and a row is of a modality without a stream.
        """
        if stage == 0:
            x = self._forward_part(x, 0, batch)
        return self._forward_part(x, stage + 1, batch)

    def _forward_part(self, x: Tensor, part: int, batch: ReIDBatch) -> Tensor:
        if part >= self.num_specific:
            return self._run(self, part, x)
        visible, infrared = (partial(self._run, stream, part) for stream in (self, self.infrared))
        return by_modality(visible, infrared, x, batch, self.training, self.stream_modalities)  # (B, C, h, w)

    def _run(self, stream: nn.Module, part: int, x: Tensor) -> Tensor:
        if part == 0:
            return self.maxpool(self.relu(stream.bn1(stream.conv1(x))))  # (B, base, H/4, W/4)
        return getattr(stream, self.res_layers[part - 1])(x)

    def init_weights(self) -> None:
        super().init_weights()  # also of all convolutions and norms in parts that an ordinary ResNet has not
        for module in self.modules():
            if hasattr(module, 'init_weights') and not isinstance(module, BaseModule):
                module.init_weights()
        for name, module in self.infrared.items():
            module.load_state_dict(getattr(self, name).state_dict())


def _insert_non_local(layer: nn.Sequential, count: int, channels: int, inner_channels: int | None) -> None:
    """Put a non-local block behind each of the last ``count`` blocks; the blocks keep their names."""
    blocks = list(layer.named_children())
    if count > len(blocks):
        raise ValueError(f'non_local asks for {count} non-local blocks in a stage of {len(blocks)} residual blocks.')
    for name, _ in blocks:
        delattr(layer, name)
    for index, (name, block) in enumerate(blocks, start=count - len(blocks)):
        layer.add_module(name, block)
        if index >= 0:
            layer.add_module(f'non_local_{name}', NonLocalBlock(channels, inner_channels))

"""RE, the ResNet encoder of HAResformer (paper sec. III-B, eq. 1), on MMPretrain's ResNet."""

from mmpretrain.models import ResNet
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from .pretrained import WeightFormat, load_pretrained, normalization_of
from .pretrained.formats import MOCO, TORCHVISION

__all__ = ['EncoderStage', 'ResNetEncoder']


class EncoderStage(nn.Module):
    """One stage of an encoder as a single module that can be hooked and timed, whatever parts the stage consists of.

    It has no parameters of its own: the stage's parameters stay in the encoder under their names.

    Args:
        encoder (nn.Module): An encoder with a method ``forward_stage(x, stage, batch)``.
        stage (int): 0 to 3.
    """

    def __init__(self, encoder: nn.Module, stage: int) -> None:
        super().__init__()
        self.encoder = (encoder,)  # the tuple keeps torch from registering it as a submodule
        self.stage = stage

    def forward(self, x: Tensor, batch: ReIDBatch) -> Tensor:
        """See :meth:`ResNetEncoder.forward_stage`."""
        return self.encoder[0].forward_stage(x, self.stage, batch)


@MODELS.register_module()
class ResNetEncoder(ResNet):
    """ResNet whose stages can be run one by one.

    The fourth stage keeps the resolution of the third (stride 1), as usual in person re-identification. Parameters are
    named as torchvision's. Initialisation is He's (normal, fan-out) with the last norm of every residual branch at
    zero, and ``pretrained`` weights replace it in ``init_weights``, not in the constructor: building a model never
    needs a file or a network.

    Args:
        depth (int): 18, 34, 50, 101 or 152. Defaults to 50.
        base_channels (int): Width of the stem and of the first stage's inner convolutions; less than 64 gives a
            narrow variant, which has no ImageNet weights. Defaults to 64.
        strides (tuple[int]): Stride of each stage; the stem has 4 in front of them. Fewer than four leave out the last
            stages. Defaults to (1, 2, 2, 1).
        pretrained (str, optional): Weights of torchvision, MMPretrain, or MoCo; see :func:`fetch_weights`. Defaults to
            None: from scratch.

    Raises:
        ValueError: If ``strides`` are not one to four positive numbers.
    """

    # Substrings of the names of parameters that a subclass has beyond a ResNet; files of weights do not hold them.
    added_parts: tuple[str, ...] = ()
    weight_formats: tuple[WeightFormat, ...] = (TORCHVISION, MOCO)
    normalization_of = staticmethod(normalization_of)

    def __init__(
        self,
        depth: int = 50,
        base_channels: int = 64,
        strides: tuple[int, ...] = (1, 2, 2, 1),
        pretrained: str | None = None,
    ) -> None:
        if not 1 <= len(strides) <= 4 or min(strides) < 1:
            raise ValueError(f'strides are one to four positive numbers, one for each stage, not {strides}.')
        super().__init__(
            depth,
            stem_channels=base_channels,
            base_channels=base_channels,
            num_stages=len(strides),
            strides=strides,
            dilations=(1,) * len(strides),
            out_indices=range(len(strides)),
        )
        self.pretrained = pretrained
        self.encoder_stages = nn.ModuleList(EncoderStage(self, stage) for stage in range(self.num_stages))

    @property
    def channels(self) -> tuple[int, ...]:
        """Output channels D_i of the stages."""
        return tuple(self.base_channels * self.expansion * 2**stage for stage in range(self.num_stages))

    def stages(self) -> dict[str, nn.Module]:
        """``RE1`` to ``RE4``, each called as ``stage(x, batch)``; its output is the stage's map."""
        return {f'RE{number}': stage for number, stage in enumerate(self.encoder_stages, start=1)}

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage; stage 0 contains the stem.

        Args:
            x (Tensor): The images (B, 3, H, W) for stage 0, else the map of the stage before.
            stage (int): 0 to 3.
            batch (ReIDBatch): Unused: all modalities share every weight.

        Returns:
            Tensor: The stage's map, (B, D_stage, h, w).
        """
        if stage == 0:
            x = self.maxpool(self.relu(self.norm1(self.conv1(x))))  # (B, base, H/4, W/4)
        return getattr(self, self.res_layers[stage])(x)

    def init_weights(self) -> None:
        super().init_weights()
        if self.pretrained is not None:
            left_out = tuple(f'layer{number}.' for number in range(self.num_stages + 1, 5))
            load_pretrained(self, self.pretrained, self.weight_formats, self.added_parts, left_out=left_out)

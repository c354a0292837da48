"""The two-stream AlexNet of TONE (Ye et al., AAAI 2018) and BDTR (Ye et al., IJCAI 2018)."""

from copy import deepcopy

import torch.nn.functional as F
from mmengine.model import BaseModule, KaimingInit
from torch import Tensor, nn

from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch

from ..layers import by_modality
from .pretrained import load_pretrained
from .resnet_encoder import EncoderStage
from .stages import last_map

__all__ = ['TwoStreamAlexNet']

FC6_MAP = 6  # height and width


@MODELS.register_module()
class TwoStreamAlexNet(BaseModule):
    """Caffe's AlexNet from the image to fc6, whose leading layers exist once per modality.

    Layers 2, 4 and 5 convolve two halves of the channels apart; local response normalisation follows the pooling of
    layers 1 and 2. ``fc6`` is a convolution as large as its map, which is 6 x 6 for images of 227 x 227 pixels; the map
    of other images is pooled to that size, as torchvision's AlexNet does.

    The visible stream and the shared layers are ``layers``; ``infrared`` holds the infrared copies of the specific
    ones. Both streams start from the same weights.

    Args:
        num_specific (int): How many layers are specific: 0 is one stream, 6 two whole ones. Defaults to 6.
        base_channels (int): Channels of the first layer, a multiple of 6; less than 96 gives a narrow variant.
            Defaults to 96.
        fc_channels (int): Channels of fc6. Defaults to 4096.
        stride (int): Stride of the first layer. Defaults to 4.
        norm (bool): Whether a batch norm without scale stands between fc6 and its ReLU, as in BDTR. Defaults to False.
        pretrained (str, optional): A file with weights under the names of this class, such as the checkpoint of a
            one-stream training. Defaults to None: from scratch.

    Raises:
        ValueError: If ``num_specific`` is not 0 to 6, or ``base_channels`` is no multiple of 6.
    """

    def __init__(
        self,
        num_specific: int = 6,
        base_channels: int = 96,
        fc_channels: int = 4096,
        stride: int = 4,
        norm: bool = False,
        pretrained: str | None = None,
    ) -> None:
        super().__init__(init_cfg=dict(type=KaimingInit, layer='Conv2d', mode='fan_in', distribution='normal', bias=0))
        if base_channels % 6:
            raise ValueError(
                f'base_channels must be a multiple of 6, not {base_channels}: later layers have 8/3 of it.'
            )
        wide, wider = base_channels * 8 // 3, base_channels * 4
        self.layers = nn.ModuleDict(
            dict(
                conv1=_layer(nn.Conv2d(3, base_channels, 11, stride), pool=True, response_norm=True),
                conv2=_layer(nn.Conv2d(base_channels, wide, 5, padding=2, groups=2), pool=True, response_norm=True),
                conv3=_layer(nn.Conv2d(wide, wider, 3, padding=1)),
                conv4=_layer(nn.Conv2d(wider, wider, 3, padding=1, groups=2)),
                conv5=_layer(nn.Conv2d(wider, wide, 3, padding=1, groups=2), pool=True),
                fc6=_layer(nn.Conv2d(wide, fc_channels, FC6_MAP), norm=norm),
            )
        )
        names = list(self.layers)
        if not 0 <= num_specific <= len(names):
            raise ValueError(
                f'num_specific must be 0 (one stream) to {len(names)} (nothing is shared), not {num_specific}.'
            )
        self.infrared = nn.ModuleDict({name: deepcopy(self.layers[name]) for name in names[:num_specific]})
        self.encoder_stages = nn.ModuleList(EncoderStage(self, number) for number in range(len(names)))
        self.pretrained = pretrained

    @property
    def needs_modalities(self) -> bool:
        """Whether a feature depends on the image's modality."""
        return len(self.infrared) > 0

    def stages(self) -> dict[str, nn.Module]:
        """``conv1`` to ``conv5`` and ``fc6``, each called as ``stage(x, batch)``; the output is a map."""
        return dict(zip(self.layers, self.encoder_stages))

    def forward(self, inputs: Tensor, batch: ReIDBatch) -> tuple[tuple[Tensor], ReIDBatch]:
        """fc6 behind its ReLU, (B, D, 1, 1), as a tuple of one; the rows stay as they are.

        Args:
            inputs (Tensor): Normalised images, (B, 3, H, W), in any order.
            batch (ReIDBatch): Their rows.

        Raises:
            ValueError: If the images are too small for the layers.
        """
        height, width = inputs.shape[2:]
        stride = self.layers.conv1.conv.stride[0]
        if min(_map_size(height, stride), _map_size(width, stride)) < 1:
            raise ValueError(
                f'Images of {height} x {width} pixels leave AlexNet no map to look at: enlarge them, or lower '
                f'model.backbone.stride, which is {stride}.'
            )
        return last_map(self.encoder_stages, inputs, batch)

    def forward_stage(self, x: Tensor, stage: int, batch: ReIDBatch) -> Tensor:
        """Run one layer, each row through the stream of its modality if the layer is specific.

        Raises:
            ValueError: If the layer is specific, and a row is neither visible nor infrared.
        """
        name = list(self.layers)[stage]
        if name == 'fc6':
            x = F.adaptive_avg_pool2d(x, FC6_MAP)  # (B, C, 6, 6)
        if name not in self.infrared:
            return self.layers[name](x)
        return by_modality(self.layers[name], self.infrared[name], x, batch, self.training)  # (B, C, h, w)

    def init_weights(self) -> None:
        super().init_weights()
        if self.pretrained is not None:
            load_pretrained(self, self.pretrained, (), ('infrared.', 'fc6.norm.'))
        for name, layer in self.infrared.items():
            layer.load_state_dict(self.layers[name].state_dict())


def _layer(conv: nn.Conv2d, pool: bool = False, response_norm: bool = False, norm: bool = False) -> nn.Sequential:
    """A convolution with its ReLU and what stands around it."""
    layer = nn.Sequential()
    layer.add_module('conv', conv)
    if norm:
        layer.add_module('norm', nn.BatchNorm2d(conv.out_channels, eps=1e-3))
        layer.norm.weight.requires_grad_(False)
    layer.add_module('relu', nn.ReLU(inplace=True))
    if pool:
        layer.add_module('pool', nn.MaxPool2d(3, 2))
    if response_norm:
        layer.add_module('response_norm', nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1))
    return layer


def _map_size(side: int, stride: int) -> int:
    """Height or width of the last map: the first convolution, and three poolings of 3 with stride 2."""
    side = (side - 11) // stride + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side

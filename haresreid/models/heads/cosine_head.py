"""BNNeck head whose classifier compares angles."""

import torch.nn.functional as F
from torch import Tensor, nn

from haresreid.registry import MODELS

from .bnneck_head import BNNeckHead

__all__ = ['CosineHead']


class CosineLinear(nn.Linear):
    """The cosine between the input and each class's weights, times a constant."""

    def __init__(self, in_features: int, out_features: int, scale: float) -> None:
        super().__init__(in_features, out_features, bias=False)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * F.linear(F.normalize(x), F.normalize(self.weight))  # (B, C)


@MODELS.register_module()
class CosineHead(BNNeckHead):
    """:class:`BNNeckHead` with logits ``scale * cos``, so that the identity loss is a cosine softmax loss.

    Args:
        in_channels (int): See :class:`BNNeckHead`.
        num_classes (int, optional): See :class:`BNNeckHead`. Defaults to None.
        scale (float): Defaults to 16.
        pooling (dict): See :class:`BNNeckHead`. Defaults to ``dict(type='GlobalAveragePooling')``.
        test_feature (str): See :class:`BNNeckHead`. Defaults to 'post_bn'.

    Raises:
        ValueError: If ``scale`` is not positive.
    """

    def __init__(
        self,
        in_channels: int,
        num_classes: int | None = None,
        scale: float = 16.0,
        pooling: dict = dict(type='GlobalAveragePooling'),
        test_feature: str = 'post_bn',
    ) -> None:
        super().__init__(in_channels, num_classes, pooling, test_feature)
        if scale <= 0:
            raise ValueError(f'scale must be above 0, not {scale}.')
        if num_classes is not None:
            self.classifier = CosineLinear(in_channels, num_classes, scale)

"""The input of the deep zero-padding network (Wu et al., ICCV 2017)."""

import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

__all__ = ['ZeroPadChannels']

LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R 601


@TRANSFORMS.register_module()
class ZeroPadChannels(BaseTransform):
    """Put a visible image's luminance into channel 0, an infrared one's into channel 1, and zeros everywhere else.

    A network that both modalities share can thus have filters for one of them alone. This transform comes last in a
    pipeline, after normalisation and erasing: zero then is the mean, and an erased rectangle stays within its channel.
    The third channel is zero in all images and exists only because ImageNet's filters expect it.

    Required keys: ``img`` ((H, W, 3) float32 RGB), ``modality``. Modified keys: ``img``.
    """

    def transform(self, results: dict) -> dict:
        padded = np.zeros_like(results['img'])  # (H, W, 3)
        padded[..., 0 if results['modality'] == Modality.VISIBLE else 1] = results['img'] @ LUMINANCE
        results['img'] = padded
        return results

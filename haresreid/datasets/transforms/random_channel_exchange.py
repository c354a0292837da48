"""Random channel exchange of CAJ, after normalisation (Ye et al., ICCV 2021)."""

import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomChannelExchange']

LUMINANCE = np.array([0.2989, 0.5870, 0.1140], dtype=np.float32)


@TRANSFORMS.register_module()
class RandomChannelExchange(BaseTransform):
    """Give all three channels of the **normalised** image the values of one of them, drawn uniformly.

    Normalisation differs between channels, so an infrared image, whose channels are equal in the file, changes too. For
    infrared images CAJ adds a fourth outcome, as likely as each channel: the luminance with probability ``gray_prob``,
    else the unchanged image.

    Required keys: ``img`` ((H, W, 3) float32 RGB). Modified keys: ``img``.

    Args:
        gray_prob (float, optional): Probability of the luminance within the fourth outcome. None removes that outcome.
            Defaults to None.
    """

    def __init__(self, gray_prob: float | None = None):
        self.gray_prob = gray_prob

    def transform(self, results: dict) -> dict:
        img = results['img']
        choice = np.random.randint(3 if self.gray_prob is None else 4)
        if choice < 3:
            results['img'] = np.repeat(img[..., choice, None], 3, axis=2)  # (H, W, 3)
        elif np.random.rand() < self.gray_prob:
            results['img'] = np.repeat((img @ LUMINANCE)[..., None], 3, axis=2)  # (H, W, 3)
        return results

"""Random erasing with a constant or with noise, after normalisation (Zhong et al., AAAI 2020)."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS

__all__ = ['RandomErasing']

MAX_TRIES = 100


@TRANSFORMS.register_module()
class RandomErasing(BaseTransform):
    """Overwrite a random rectangle of the **normalised** image with ``fill``.

    The VI-ReID methods write ImageNet's mean colour after normalisation, where it is no longer the mean but a slightly
    bright constant; MMPretrain's transform of the same name works on uint8 images. Area and aspect ratio are uniform;
    a rectangle that does not fit inside the image is drawn again, at most 100 times.

    Required keys: ``img`` ((H, W, 3) float32). Modified keys: ``img``.

    Args:
        prob (float): Probability. Defaults to 0.5.
        area (Sequence[float]): Range of the erased share of the image. Defaults to (0.02, 0.4).
        min_aspect (float): Height over width is drawn from [min_aspect, 1 / min_aspect]. Defaults to 0.3.
        fill (Sequence[float], optional): One value per channel; None draws every value from the standard normal
            distribution. Defaults to (0.485, 0.456, 0.406).
    """

    def __init__(
        self,
        prob: float = 0.5,
        area: Sequence[float] = (0.02, 0.4),
        min_aspect: float = 0.3,
        fill: Sequence[float] | None = (0.485, 0.456, 0.406),
    ):
        self.prob = prob
        self.area = tuple(area)
        self.min_aspect = min_aspect
        self.fill = None if fill is None else tuple(fill)

    def transform(self, results: dict) -> dict:
        if np.random.rand() >= self.prob:
            return results
        img = results['img']
        height, width = img.shape[:2]
        for _ in range(MAX_TRIES):
            area = np.random.uniform(*self.area) * height * width
            aspect = np.random.uniform(self.min_aspect, 1 / self.min_aspect)
            h, w = round((area * aspect) ** 0.5), round((area / aspect) ** 0.5)
            if h < height and w < width:
                top, left = np.random.randint(height - h + 1), np.random.randint(width - w + 1)
                img[top : top + h, left : left + w] = (
                    np.random.standard_normal((h, w, img.shape[2])) if self.fill is None else self.fill
                )
                break
        return results

"""Corrupted test images, for measuring robustness."""

import numpy as np
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

from ..corruptions import ANY, corrupt_image

__all__ = ['Corrupt']


@TRANSFORMS.register_module()
class Corrupt(BaseTransform):
    """Corrupt the images of one modality, each by draws of its own that depend on nothing but the seed and its place.

    As in SYSU-MM01-C and RegDB-C (Chen et al., NeurIPS 2021), this comes after the image is resized. The severity of an
    image is the same for every corruption of a seed. NumPy's global generator is left as it was.

    Required keys: ``img`` ((H, W, 3) uint8 RGB), ``modality``, ``sample_idx``. Modified keys: ``img``.

    Args:
        modality (Modality): The other modality's images pass unchanged.
        name (str): See :func:`haresreid.datasets.corruptions.corrupt_image`. Defaults to 'any'.
        severity (int, optional): 1 to 5. Defaults to None, which draws one for each image.
        seed (int): Defaults to 0.
    """

    def __init__(self, modality: Modality, name: str = ANY, severity: int | None = None, seed: int = 0):
        self.modality, self.name, self.severity, self.seed = modality, name, severity, seed

    def transform(self, results: dict) -> dict:
        if results['modality'] != self.modality:
            return results
        before = np.random.get_state()
        np.random.seed((self.seed, results['sample_idx']))
        try:
            results['img'] = corrupt_image(results['img'], self.modality, self.name, self.severity)
        finally:
            np.random.set_state(before)
        return results

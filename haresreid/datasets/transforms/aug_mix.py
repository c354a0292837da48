"""AugMix, for both modalities."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from torchvision import transforms

from haresreid.registry import TRANSFORMS

__all__ = ['AugMix']


@TRANSFORMS.register_module()
class AugMix(BaseTransform):
    """Mix an image with three chains of up to three simple operations of it, in random shares.

    Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty", ICLR 2020, as
    TorchVision has it, without the paper's consistency loss. The operations are those of the paper: autocontrast,
    equalize, posterize, solarize, rotation, shear and translation. TorchVision's others (brightness, contrast, colour,
    sharpness) are left out, because models are tested on such corruptions.

    Required keys: ``img`` ((H, W, 3) uint8). Modified keys: ``img``.

    Args:
        severity (int): Of the operations, 1 to 10. Defaults to 3, the paper's.
    """

    def __init__(self, severity: int = 3):
        self.mix = transforms.AugMix(severity, all_ops=False)

    def transform(self, results: dict) -> dict:
        planes = torch.from_numpy(np.ascontiguousarray(results['img'].transpose(2, 0, 1)))  # (3, H, W)
        results['img'] = np.ascontiguousarray(self.mix(planes).numpy().transpose(1, 2, 0))  # (H, W, 3)
        return results

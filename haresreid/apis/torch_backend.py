"""Features from a PyTorch model."""

from functools import cached_property

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate

from haresreid.datasets import LoadReIDImage
from haresreid.models import VIReID

__all__ = ['TorchBackend']


class TorchBackend:
    """A :class:`Backend` that runs the model's test pipeline, from its second step on, and the model.

    Args:
        model (VIReID): From :func:`get_model`, on its device.
    """

    def __init__(self, model: VIReID) -> None:
        self.model = model
        self.image_size = model.image_size
        # the steps after decoding; a resize changes nothing, since the images already have the size
        steps = model.test_pipeline.transforms
        self.pipeline = Compose([step for step in steps if not isinstance(step, LoadReIDImage)])
        self.thermal_range = next((step.thermal_range for step in steps if isinstance(step, LoadReIDImage)), None)

    @cached_property
    def feature_dim(self) -> int:
        """D, found by a pass through the model, the only way that works for every model."""
        return self(np.zeros((1, *self.image_size, 3), dtype=np.uint8), np.zeros(1, dtype=np.int64)).shape[1]

    @torch.no_grad()
    def __call__(self, images: np.ndarray, modalities: np.ndarray) -> np.ndarray:
        items = [
            self.pipeline(dict(img=image, img_shape=image.shape[:2], modality=int(modality)))
            for image, modality in zip(images, modalities, strict=True)
        ]
        samples = self.model.test_step(pseudo_collate(items))
        return torch.stack([sample.pred_feature for sample in samples]).cpu().numpy()  # (B, D)

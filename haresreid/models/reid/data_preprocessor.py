"""From the data loader's list of images to one batch on the model's device."""

import torch
from mmengine.model import BaseDataPreprocessor

from haresreid.registry import MODELS

__all__ = ['ReIDDataPreprocessor']


@MODELS.register_module()
class ReIDDataPreprocessor(BaseDataPreprocessor):
    """Move a batch to the device and stack its images. They come normalised from the pipeline."""

    def forward(self, data: dict, training: bool = False) -> dict:
        """Stack ``data['inputs']``, a list of (3, H, W) images, to (B, 3, H, W).

        Raises:
            ValueError: If the images differ in size.
        """
        data = self.cast_data(data)
        sizes = {tuple(image.shape) for image in data['inputs']}
        if len(sizes) > 1:
            raise ValueError(f'The images of a batch must have one size, but they have {sorted(sizes)}; '
                             'put a Resize into the pipeline.')
        return dict(data, inputs=torch.stack(list(data['inputs'])))  # (B, 3, H, W)

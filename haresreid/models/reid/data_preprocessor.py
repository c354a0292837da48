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

        An item may also be V views of an image, (V, 3, H, W), of which each becomes an image of the batch; the item's
        entry of ``data['data_samples']`` then stands V times.

        Raises:
            ValueError: If the images differ in size.
        """
        data = self.cast_data(data)
        sizes = {tuple(item.shape[-3:]) for item in data['inputs']}
        if len(sizes) > 1:
            raise ValueError(
                f'The images of a batch must have one size, but they have {sorted(sizes)}; '
                'put a LanczosResize into the pipeline.'
            )
        views = [item.reshape(-1, *item.shape[-3:]) for item in data['inputs']]  # each (V, 3, H, W)
        samples = [sample for sample, images in zip(data['data_samples'], views) for _ in images]
        return dict(data, inputs=torch.cat(views), data_samples=samples)  # (B, 3, H, W)

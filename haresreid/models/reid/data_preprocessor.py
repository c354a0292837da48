"""From the data loader's list of images to one batch on the model's device."""

import torch
from mmengine.model import BaseDataPreprocessor

from haresreid.registry import MODELS

__all__ = ['ReIDDataPreprocessor']


@MODELS.register_module()
class ReIDDataPreprocessor(BaseDataPreprocessor):
    """Move a batch to the device and stack its images. They come normalised from the pipeline."""

    def forward(self, data: dict, training: bool = False) -> dict:
        """Stack ``data['inputs']``, B images (3, H, W) in a list or a tensor, to (N, 3, H, W).

        An entry may hold V views of an image, shape (V, 3, H, W). Each view becomes a row of the batch, and ``items``,
        (N,) on the host, says which of the B ``data_samples`` a row belongs to.

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
        items = torch.arange(len(views)).repeat_interleave(torch.tensor([len(images) for images in views]))  # (N,)
        return dict(data, inputs=torch.cat(views), items=items)  # (N, 3, H, W)

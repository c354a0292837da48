"""From a loader's samples to its batch, with the images of one shape in one tensor."""

from collections.abc import Sequence

import torch
from mmengine.dataset import pseudo_collate

from haresreid.registry import FUNCTIONS

__all__ = ['stack_images']


@FUNCTIONS.register_module()
def stack_images(samples: Sequence[dict]) -> dict:
    """MMEngine's ``pseudo_collate``, but images of one shape become one tensor, (B, [V,] 3, H, W).

    A loader's worker hands every tensor to the training process as a file of its own. With one for each image, a narrow
    model waits an eighth of its time for them.
    """
    batch = pseudo_collate(samples)
    if len({image.shape for image in batch['inputs']}) == 1:
        batch['inputs'] = torch.stack(batch['inputs'])
    return batch

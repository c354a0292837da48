"""From the pipeline's dict to the model's input."""

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.structures import ReIDDataSample

__all__ = ['PackReIDInputs']

META_KEYS = ('img_path', 'pid', 'camid', 'modality', 'gt_label', 'stands_in_for', 'role')


@TRANSFORMS.register_module()
class PackReIDInputs(BaseTransform):
    """Make ``dict(inputs=tensor (3, H, W), data_samples=ReIDDataSample)``; V views of an image stay one tensor.

    Required keys: ``img`` ((H, W, 3), or V views, (V, H, W, 3)). Optional keys: ``img_path``, ``pid``, ``camid``,
    ``modality``, ``gt_label``, ``stands_in_for`` (the path of an unreadable image) and ``role``. They become the
    sample's meta fields; all other keys are dropped.
    """

    def transform(self, results: dict) -> dict:
        inputs = np.ascontiguousarray(np.moveaxis(results['img'], -1, -3))  # ([V,] 3, H, W)
        sample = ReIDDataSample(metainfo={key: results[key] for key in META_KEYS if key in results})
        return dict(inputs=torch.from_numpy(inputs), data_samples=sample)

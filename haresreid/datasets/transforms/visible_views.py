"""Several augmentations of one visible image in one batch."""

from typing import Sequence

import numpy as np
from mmcv.transforms import BaseTransform, Compose

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

__all__ = ['VisibleViews']


@TRANSFORMS.register_module()
class VisibleViews(BaseTransform):
    """Make V views of a visible image, each by a pipeline of its own; an infrared image goes through one pipeline.

    :class:`ReIDDataPreprocessor` turns the views into images of the batch, so that CAJ's two views of P * K visible
    images and P * K infrared ones are 3 * P * K images for the network (Ye et al., ICCV 2021).

    Required keys: ``img`` ((H, W, 3)), ``modality``. Modified keys: ``img``, which becomes (V, H, W, 3) for visible images;
    all other keys that the pipelines add are dropped.

    Args:
        visible (Sequence[Sequence[dict]]): A pipeline for each view; they must give one size.
        infrared (Sequence[dict]): The pipeline of infrared images.
    """

    def __init__(self, visible: Sequence[Sequence[dict]], infrared: Sequence[dict]):
        self.pipelines = {
            Modality.VISIBLE: [_compose(pipeline) for pipeline in visible],
            Modality.INFRARED: [_compose(infrared)]
        }

    def transform(self, results: dict) -> dict:
        # each pipeline gets a copy, as some transforms write into the image
        views = [pipeline(dict(results, img=results['img'].copy()))['img']
                 for pipeline in self.pipelines[results['modality']]]  # yapf: disable
        return dict(results, img=views[0] if len(views) == 1 else np.stack(views))  # (V, H, W, 3)


def _compose(pipeline: Sequence[dict]) -> Compose:
    return Compose([TRANSFORMS.build(step) for step in pipeline])

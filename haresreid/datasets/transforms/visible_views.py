"""Several augmentations of one visible image in one batch."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform, Compose

from haresreid.registry import TRANSFORMS
from haresreid.structures import Modality

__all__ = ['VisibleViews']


@TRANSFORMS.register_module()
class VisibleViews(BaseTransform):
    """Make V views of a visible image, and one of an infrared image.

    Every view is the image after ``augment``, whose draws differ from view to view, and after a pipeline of the view's
    own. :class:`ReIDDataPreprocessor` turns the views into rows of the batch: with CAJ's two views, P * K visible and
    P * K infrared images become 3 * P * K images for the network (Ye et al., ICCV 2021).

    Required keys: ``img`` ((H, W, 3)), ``modality``. Modified keys: ``img``, which becomes (V, H, W, 3) for visible
    images. Other keys that the pipelines add are dropped.

    Args:
        augment (Sequence[dict]): The first transforms of every view.
        visible (Sequence[Sequence[dict]]): The transforms that follow, for each view of a visible image.
        infrared (Sequence[dict]): The transforms that follow for an infrared image.
    """

    def __init__(self, augment: Sequence[dict], visible: Sequence[Sequence[dict]], infrared: Sequence[dict]):
        self.visible = [_compose([*augment, *view]) for view in visible]
        self.infrared = _compose([*augment, *infrared])

    def transform(self, results: dict) -> dict:
        if results['modality'] == Modality.INFRARED:
            return dict(results, img=self.infrared(dict(results))['img'])
        # each view gets a copy, as some transforms write into the image
        views = [view(dict(results, img=results['img'].copy()))['img'] for view in self.visible]
        return dict(results, img=np.stack(views))  # (V, H, W, 3)


def _compose(pipeline: Sequence[dict]) -> Compose:
    return Compose([TRANSFORMS.build(step) for step in pipeline])

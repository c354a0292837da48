"""The first step of every pipeline: from a path to pixels."""

from mmcv.transforms import BaseTransform

from haresreid.registry import TRANSFORMS
from haresreid.utils.images import read_rgb

__all__ = ['LoadReIDImage']


@TRANSFORMS.register_module()
class LoadReIDImage(BaseTransform):
    """Load ``img_path`` with Pillow as RGB, whatever the file's own mode.

    Pillow and not OpenCV, because the published protocols decode and resize with Pillow.

    Required keys: ``img_path``. Added keys: ``img`` ((H, W, 3) uint8 RGB), ``img_shape``.
    """

    def transform(self, results: dict) -> dict:
        try:
            results['img'] = read_rgb(results['img_path'])
        except ValueError as error:
            raise ValueError(f"{error}; replace the file, or build the data set with unreadable='skip' to leave such "
                             'images out.') from error
        results['img_shape'] = results['img'].shape[:2]
        return results

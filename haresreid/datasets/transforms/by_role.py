"""Other transforms for the images that a generator is trained on."""

from collections.abc import Sequence

from mmcv.transforms import BaseTransform, Compose

from haresreid.registry import TRANSFORMS

__all__ = ['ByRole']


@TRANSFORMS.register_module()
class ByRole(BaseTransform):
    """Sends the images that :class:`JointIdentitySampler` drew for the generator through transforms of their own.

    Optional keys: ``role``. Other keys are those of the transforms.

    Args:
        generator (Sequence[dict]): The transforms of the generator's images.
        reid (Sequence[dict]): Those of all others.
    """

    def __init__(self, generator: Sequence[dict], reid: Sequence[dict]) -> None:
        self.generator, self.reid = (Compose([TRANSFORMS.build(step) for step in steps]) for steps in (generator, reid))

    def transform(self, results: dict) -> dict:
        return (self.generator if results.get('role') == 'generator' else self.reid)(results)

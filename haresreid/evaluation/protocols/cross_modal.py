"""The base of all protocols: which images are queries, which are the gallery, what a query must not see.

A protocol only draws indices and states rules; it never touches a feature. ``images`` below is any object with the
arrays ``pids``, ``camids``, ``modalities`` and the list ``img_paths``: a feature set or a test data set.
"""

from collections.abc import Iterable, Sequence

import numpy as np

from haresreid.registry import PROTOCOLS
from haresreid.structures import Modality

from .draws import Group, group_images, in_order

__all__ = ['DIRECTIONS', 'CrossModalProtocol']

DIRECTIONS = {'v2i': (Modality.VISIBLE, Modality.INFRARED), 'i2v': (Modality.INFRARED, Modality.VISIBLE)}


@PROTOCOLS.register_module()
class CrossModalProtocol:
    """Every image of one modality queries every image of the other; the rule for one's own data.

    One trial, no camera rule, CMC counted in images.

    Args:
        direction (str): 'v2i' (visible queries, infrared gallery) or 'i2v'.

    Attributes:
        name (str): The name in results, such as 'own/v2i'. Different rules have different names.
        description (str): How queries and gallery are chosen, printed with every result.
        trials (Sequence[int]): The trial numbers.
        count_identities (bool): Whether CMC counts distinct identities instead of images.
    """

    dataset = 'own'
    description = 'all images of one modality query all of the other'
    trials: Sequence[int] = (0,)
    count_identities = False

    def __init__(self, direction: str = 'v2i'):
        if direction not in DIRECTIONS:
            raise ValueError(f"direction must be 'v2i' or 'i2v', got {direction!r}.")
        self.query_modality, self.gallery_modality = DIRECTIONS[direction]
        self.name = f'{self.dataset}/{direction}'

    def draw(self, images, trial: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the queries and of the gallery of one trial; see :meth:`draws`."""
        if trial not in self.trials:
            raise ValueError(f'{self.name} has the trials {list(self.trials)}, got {trial}.')
        return self.draws(images, [trial])[0]

    def draws(self, images, trials: Iterable[int] | None = None) -> list[tuple[np.ndarray, np.ndarray]]:
        """Indices of the queries and of the gallery of each trial (default: all), by identity, camera and path.

        Raises:
            ValueError: If there is no query or no gallery image.
        """
        modalities = np.asarray(images.modalities)
        query = in_order(group_images(images, self._queries(images)))
        groups = group_images(images, self._candidates(images))
        for role, found, modality in (
            ('query', len(query), self.query_modality),
            ('gallery', len(groups), self.gallery_modality),
        ):
            if not found:
                raise ValueError(
                    f'{self.name} finds no {modality.name.lower()} {role} image among '
                    f'{len(modalities)} test images; check the test subset.'
                )
        return [(query, self._draw_gallery(groups, trial)) for trial in (self.trials if trials is None else trials)]

    def _queries(self, images) -> np.ndarray:
        """(N,) True where an image is a query."""
        return np.asarray(images.modalities) == self.query_modality

    def _candidates(self, images) -> np.ndarray:
        """(N,) True where an image may be in the gallery."""
        return np.asarray(images.modalities) == self.gallery_modality

    def _draw_gallery(self, groups: list[Group], trial: int) -> np.ndarray:
        return in_order(groups)

    def excluded(
        self, query_pids: np.ndarray, query_camids: np.ndarray, gallery_pids: np.ndarray, gallery_camids: np.ndarray
    ) -> np.ndarray | None:
        """(Q, G) True where a query must not see a gallery image; None if every query sees the whole gallery."""
        return None

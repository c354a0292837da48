"""The evaluation protocols: which images are queries, which are the gallery, what a query must not see.

A protocol only draws indices and states rules; it never touches a feature. ``images`` below is any object with the arrays
``pids``, ``camids``, ``modalities`` and the list ``img_paths``: a feature set or a test data set.
"""

import random
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from haresreid.registry import METRICS
from haresreid.structures import Modality

__all__ = ['CrossModalProtocol', 'LLCMProtocol', 'RegDBProtocol', 'SYSUProtocol']

DIRECTIONS = {'v2i': (Modality.VISIBLE, Modality.INFRARED), 'i2v': (Modality.INFRARED, Modality.VISIBLE)}


@METRICS.register_module()
class CrossModalProtocol:
    """Every image of one modality queries every image of the other; the rule for one's own data.

    One trial, no camera rule, CMC counted in images.

    Args:
        direction (str): 'v2i' (visible queries, infrared gallery) or 'i2v'.

    Attributes:
        name (str): What results are called, such as 'own/v2i'.
        trials (Sequence[int]): The trial numbers.
        collapse_ids (bool): Whether CMC counts distinct identities instead of images.
    """

    dataset = 'own'
    trials: Sequence[int] = (0, )
    collapse_ids = False

    def __init__(self, direction: str = 'v2i'):
        if direction not in DIRECTIONS:
            raise ValueError(f"direction must be 'v2i' or 'i2v', got {direction!r}.")
        self.query_modality, self.gallery_modality = DIRECTIONS[direction]
        self.name = f'{self.dataset}/{direction}'

    def draw(self, images, trial: int) -> tuple[np.ndarray, np.ndarray]:
        """Indices of the queries and of the gallery of one trial, both by identity, camera and path.

        Raises:
            ValueError: If the trial does not exist, or there is no query or no gallery image.
        """
        if trial not in self.trials:
            raise ValueError(f'{self.name} has the trials {list(self.trials)}, got {trial}.')
        modalities = np.asarray(images.modalities)
        query = _by_identity_camera_path(images, np.flatnonzero(modalities == self.query_modality))
        gallery = self._draw_gallery(images, trial)
        for role, drawn, modality in (('query', query, self.query_modality), ('gallery', gallery, self.gallery_modality)):
            if not drawn:
                raise ValueError(f'{self.name} finds no {modality.name.lower()} {role} image among '
                                 f'{len(modalities)} test images; check the test subset.')
        return np.array(query), np.array(gallery)

    def _draw_gallery(self, images, trial: int) -> list:
        return _by_identity_camera_path(images, np.flatnonzero(np.asarray(images.modalities) == self.gallery_modality))

    def excluded(self, query_pids: np.ndarray, query_camids: np.ndarray, gallery_pids: np.ndarray,
                 gallery_camids: np.ndarray) -> np.ndarray | None:
        """(Q, G) True where a query must not see a gallery image; None when all see all."""
        return None


@METRICS.register_module()
class RegDBProtocol(CrossModalProtocol):
    """RegDB: all 2,060 test images of one modality against all 2,060 of the other, each query with 10 correct images.

    One split is one trial; the published figure is the mean over ten splits, each with its own model. No camera rule, CMC
    counted in images (not identities), as in the field's common code.

    Args:
        direction (str): 'v2i' (visible to thermal) or 'i2v'.
    """

    dataset = 'regdb'


@METRICS.register_module()
class LLCMProtocol(CrossModalProtocol):
    """LLCM: all test images of one modality against a gallery of one image per identity and camera, 10 draws.

    A camera number is one place that films both modalities: gallery images of the query's identity taken by the query's
    camera do not count and are dropped; other people's stay. CMC counts distinct identities. In both directions the
    queries are *all* images and the gallery is the *drawn* one; the released script swaps the two for VIS to NIR, which
    raises Rank-1 and lowers mAP and is not the paper's protocol.

    Args:
        direction (str): 'v2i' (VIS to NIR) or 'i2v'.
    """

    dataset = 'llcm'
    trials = range(10)
    collapse_ids = True

    def _draw_gallery(self, images, trial: int) -> list:
        return draw_per_identity_and_camera(images, np.asarray(images.modalities) == self.gallery_modality, trial, 1)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_pids[:, None] == gallery_pids) & (query_camids[:, None] == gallery_camids)


@METRICS.register_module()
class SYSUProtocol(CrossModalProtocol):
    """SYSU-MM01: all 3,803 infrared test images against a drawn visible gallery, 10 draws.

    The gallery holds ``shots`` images per identity and camera: cameras 1, 2, 4, 5 in all-search (301 images of 96
    identities at one shot), 1 and 2 in indoor-search (112 of 56). Cameras 2 and 3 film one room, so queries of camera 3
    skip *every* image of camera 2, whoever it shows. CMC counts distinct identities. Indoor queries of the 40 people whom
    cameras 1 and 2 never saw are invalid, and no figure counts them. Trial t draws as the field's common Python
    code does; the official MATLAB draw gives other images and the same sizes.

    Args:
        mode (str): 'all' or 'indoor'.
        shots (int): 1 or 10 images per identity and camera.
    """

    dataset = 'sysu'
    trials = range(10)
    collapse_ids = True
    cameras = {'all': (1, 2, 4, 5), 'indoor': (1, 2)}

    def __init__(self, mode: str = 'all', shots: int = 1):
        if mode not in self.cameras:
            raise ValueError(f"mode must be 'all' or 'indoor', got {mode!r}.")
        if shots not in (1, 10):
            raise ValueError(f'shots must be 1 or 10, got {shots!r}.')
        super().__init__('i2v')
        self.mode, self.shots = mode, shots
        self.name = f'sysu/{mode}' + ('' if shots == 1 else f'-{shots}shot')

    def _draw_gallery(self, images, trial: int) -> list:
        candidates = np.asarray(images.modalities) == self.gallery_modality
        candidates &= np.isin(images.camids, self.cameras[self.mode])
        return draw_per_identity_and_camera(images, candidates, trial, self.shots)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_camids == 3)[:, None] & (gallery_camids == 2)


def draw_per_identity_and_camera(images, candidates: np.ndarray, trial: int, shots: int) -> list:
    """Draw ``shots`` of the candidate images of every identity and camera, as the field's common Python code does.

    Python's own generator is seeded with the trial number once; identities ascend in the outer loop, cameras in the inner
    one, files are sorted by path, and each group takes one ``choice`` (one shot) or one ``sample`` (more). A private
    generator gives the same stream as ``random.seed(trial)`` and leaves the global one alone. A group with fewer images
    than shots gives all it has.

    Args:
        images: See the module.
        candidates (np.ndarray): (N,) bool.
        trial (int): The seed.
        shots (int): Images per identity and camera.

    Returns:
        list[int]: Indices in drawing order.
    """
    rng = random.Random(trial)
    pids, camids = images.pids, images.camids
    ordered = _by_identity_camera_path(images, np.flatnonzero(candidates))
    drawn = []
    for _, group in groupby(ordered, key=lambda index: (pids[index], camids[index])):
        group = list(group)
        drawn += [rng.choice(group)] if shots == 1 else rng.sample(group, min(shots, len(group)))
    return drawn


def _by_identity_camera_path(images, indices: np.ndarray) -> list:
    pids, camids, paths = images.pids, images.camids, images.img_paths
    return sorted(indices.tolist(), key=lambda index: (pids[index], camids[index], paths[index]))

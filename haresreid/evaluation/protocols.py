"""The evaluation protocols: which images are queries, which are the gallery, what a query must not see.

A protocol only draws indices and states rules; it never touches a feature. ``images`` below is any object with the
arrays ``pids``, ``camids``, ``modalities`` and the list ``img_paths``: a feature set or a test data set.
"""

import random
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import partial
from itertools import groupby, product
from typing import ClassVar, NamedTuple

import numpy as np

from haresreid.catalogue import CATALOGUE, PROTOCOL_NAMES
from haresreid.registry import METRICS
from haresreid.structures import Modality

from .official_galleries import OfficialGalleries

__all__ = ['PROTOCOL_NAMES', 'CrossModalProtocol', 'LLCMProtocol', 'RegDBProtocol', 'SYSUProtocol', 'protocol_by_name']

DIRECTIONS = {'v2i': (Modality.VISIBLE, Modality.INFRARED), 'i2v': (Modality.INFRARED, Modality.VISIBLE)}


class Group(NamedTuple):
    """The images of one identity in one camera: what a gallery is drawn from."""

    pid: int
    camid: int
    indices: list[int]


@METRICS.register_module()
class CrossModalProtocol:
    """Every image of one modality queries every image of the other; the rule for one's own data.

    One trial, no camera rule, CMC counted in images.

    Args:
        direction (str): 'v2i' (visible queries, infrared gallery) or 'i2v'.

    Attributes:
        name (str): What results are called, such as 'own/v2i'. Different rules have different names.
        description (str): How queries and gallery are chosen, printed with every result.
        trials (Sequence[int]): The trial numbers.
        collapse_ids (bool): Whether CMC counts distinct identities instead of images.
    """

    dataset = 'own'
    description = 'all images of one modality query all of the other'
    trials: Sequence[int] = (0,)
    collapse_ids = False

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
        query = _in_order(_groups(images, modalities == self.query_modality))
        groups = _groups(images, self._candidates(images))
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

    def _candidates(self, images) -> np.ndarray:
        """(N,) True where an image may stand in the gallery."""
        return np.asarray(images.modalities) == self.gallery_modality

    def _draw_gallery(self, groups: list[Group], trial: int) -> np.ndarray:
        return _in_order(groups)

    def excluded(
        self, query_pids: np.ndarray, query_camids: np.ndarray, gallery_pids: np.ndarray, gallery_camids: np.ndarray
    ) -> np.ndarray | None:
        """(Q, G) True where a query must not see a gallery image; None when all see all."""
        return None


@METRICS.register_module()
class RegDBProtocol(CrossModalProtocol):
    """RegDB: all 2,060 test images of one modality against all 2,060 of the other, each query with 10 correct images.

    One split is one trial; the published figure is the mean over ten splits, each with its own model. No camera rule,
    CMC counted in images (not identities), as in the field's common code.

    Args:
        direction (str): 'v2i' (visible to thermal) or 'i2v'.
    """

    dataset = 'regdb'
    description = 'all test images of one split; CMC counts images'


@METRICS.register_module()
class LLCMProtocol(CrossModalProtocol):
    """LLCM: all test images of one modality against a gallery of one image per identity and camera, 10 draws.

    A camera number is one place that films both modalities: gallery images of the query's identity taken by the query's
    camera do not count and are dropped; other people's stay. CMC counts distinct identities. In both directions the
    queries are *all* images and the gallery is the *drawn* one.

    Args:
        direction (str): 'v2i' (VIS to NIR) or 'i2v'.
        legacy_swap (bool): The rule of the released test script for VIS to NIR, to check figures made with it: the
            *drawn* NIR images query *all* VIS images, which raises Rank-1 and lowers mAP. Not the paper's protocol, and
            named 'llcm/v2i-legacy' so that it stands in no table with it. Defaults to False.
    """

    dataset = 'llcm'
    trials = range(10)
    collapse_ids = True

    def __init__(self, direction: str = 'v2i', legacy_swap: bool = False):
        super().__init__(direction)
        if legacy_swap and direction != 'v2i':
            raise ValueError("legacy_swap is a fault of the direction 'v2i' of LLCM's released script; 'i2v' has none.")
        self.legacy_swap = legacy_swap
        self.description = 'one gallery image per identity and camera, drawn with the trial number as seed'
        if legacy_swap:
            self.name += '-legacy'
            self.description = (
                'LEGACY, roles swapped as in the released script: the drawn NIR images query all VIS '
                'images; not comparable with llcm/v2i'
            )

    def draws(self, images, trials=None):
        draws = super().draws(images, trials)
        return [(gallery, query) for query, gallery in draws] if self.legacy_swap else draws

    def _draw_gallery(self, groups, trial):
        return _draw_with_seed(groups, trial, shots=1)

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_pids[:, None] == gallery_pids) & (query_camids[:, None] == gallery_camids)


@METRICS.register_module()
class SYSUProtocol(CrossModalProtocol):
    """SYSU-MM01: all 3,803 infrared test images against a drawn visible gallery, 10 draws.

    The gallery holds ``shots`` images per identity and camera: cameras 1, 2, 4, 5 in all-search (301 images of 96
    identities at one shot), 1 and 2 in indoor-search (112 of 56). Cameras 2 and 3 film one room, so queries of camera 3
    skip *every* image of camera 2, whoever it shows. CMC counts distinct identities. Indoor queries of the 40 people
    whom cameras 1 and 2 never saw are invalid, and no figure counts them. Trial t draws as the field's common Python
    code does, or as the authors' MATLAB code: other images, the same sizes, figures that differ by noise.

    Args:
        mode (str): 'all' or 'indoor'.
        shots (int): 1 or 10 images per identity and camera.
        rand_perm_cam (str, optional): The official ``rand_perm_cam.mat``, to draw from it; results are then named
            'sysu/all-official'. Defaults to None: draw by the Python rule.
    """

    dataset = 'sysu'
    trials = range(10)
    collapse_ids = True
    cameras: ClassVar = {'all': CATALOGUE['sysu'].cameras['visible'], 'indoor': (1, 2)}

    def __init__(self, mode: str = 'all', shots: int = 1, rand_perm_cam: str | None = None):
        if mode not in self.cameras:
            raise ValueError(f"mode must be 'all' or 'indoor', got {mode!r}.")
        if shots not in (1, 10):
            raise ValueError(f'shots must be 1 or 10, got {shots!r}.')
        super().__init__('i2v')
        self.mode, self.shots = mode, shots
        self.official = None if rand_perm_cam is None else OfficialGalleries(rand_perm_cam)
        self.name = f'sysu/{mode}' + ('' if shots == 1 else f'-{shots}shot') + ('-official' if self.official else '')
        source = 'taken from the official rand_perm_cam.mat' if self.official else 'drawn with the trial number as seed'
        self.description = f'{shots} gallery image{"s" * (shots > 1)} per identity and camera, {source}'

    def _candidates(self, images):
        return super()._candidates(images) & np.isin(images.camids, self.cameras[self.mode])

    def _draw_gallery(self, groups, trial):
        if self.official is None:
            return _draw_with_seed(groups, trial, self.shots)
        return np.array(
            [
                indices[position]
                for pid, camid, indices in groups
                for position in self.official.order(pid, camid, trial, len(indices))[: self.shots]
            ]
        )

    def excluded(self, query_pids, query_camids, gallery_pids, gallery_camids):
        return (query_camids == 3)[:, None] & (gallery_camids == 2)


# Every protocol by the name that stands in its results: PROTOCOL_NAMES.
_NAMED = {
    **{f'own/{direction}': partial(CrossModalProtocol, direction) for direction in DIRECTIONS},
    **{
        f'sysu/{mode}{suffix}{source}': partial(SYSUProtocol, mode, shots)
        for source, (suffix, shots), mode in product(('', '-official'), (('', 1), ('-10shot', 10)), ('all', 'indoor'))
    },
    **{f'regdb/{direction}': partial(RegDBProtocol, direction) for direction in DIRECTIONS},
    **{f'llcm/{direction}': partial(LLCMProtocol, direction) for direction in DIRECTIONS},
    'llcm/v2i-legacy': partial(LLCMProtocol, 'v2i', legacy_swap=True),
}


@METRICS.register_module()
def protocol_by_name(name: str, rand_perm_cam: str | None = None) -> CrossModalProtocol:
    """Build a protocol from the name that its results carry.

    Args:
        name (str): One of ``PROTOCOL_NAMES``, such as 'sysu/indoor-10shot' or 'llcm/v2i'.
        rand_perm_cam (str, optional): The official ``rand_perm_cam.mat``, for the names that end in '-official'.

    Raises:
        FileNotFoundError: If that file is not there.
        ValueError: If there is no such protocol, or an official one is asked for without the file.
    """
    if name not in _NAMED:
        near = get_close_matches(name, PROTOCOL_NAMES, n=1, cutoff=0)[0]
        raise ValueError(f'There is no protocol {name!r}: did you mean {near!r}? All: {", ".join(PROTOCOL_NAMES)}.')
    if not name.endswith('-official'):
        return _NAMED[name]()
    if rand_perm_cam is None:
        raise ValueError(
            f"{name!r} takes its galleries from the authors' rand_perm_cam.mat: give its path "
            f'(--rand-perm-cam FILE, in a config rand_perm_cam), or use {name.removesuffix("-official")!r}.'
        )
    return _NAMED[name](rand_perm_cam=rand_perm_cam)


def _draw_with_seed(groups: list[Group], trial: int, shots: int) -> np.ndarray:
    """Draw ``shots`` images of every group, as the field's common Python code does.

    Python's own generator is seeded with the trial number once; identities ascend in the outer loop, cameras in the
    inner one, files are sorted by path, and each group takes one ``choice`` (one shot) or one ``sample`` (more). A
    private generator gives the same stream as ``random.seed(trial)`` and leaves the global one alone. A group with
    fewer images than shots gives all it has.
    """
    rng = random.Random(trial)
    drawn = []
    for _, _, indices in groups:
        drawn += [rng.choice(indices)] if shots == 1 else rng.sample(indices, min(shots, len(indices)))
    return np.array(drawn)


def _groups(images, chosen: np.ndarray) -> list[Group]:
    """The chosen images grouped by identity and camera, each group by path."""
    pids, camids, paths = np.asarray(images.pids).tolist(), np.asarray(images.camids).tolist(), images.img_paths
    ordered = sorted(np.flatnonzero(chosen).tolist(), key=lambda index: (pids[index], camids[index], paths[index]))
    grouped = groupby(ordered, key=lambda index: (pids[index], camids[index]))
    return [Group(pid, camid, list(indices)) for (pid, camid), indices in grouped]


def _in_order(groups: list[Group]) -> np.ndarray:
    return np.array([index for group in groups for index in group.indices], dtype=np.int64)

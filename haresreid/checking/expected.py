"""How many identities and images there should be: as published, or as a SynVI set's own spec says."""

import os.path as osp
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from haresreid.datasets import LLCM, SYSUMM01, RegDB
from haresreid.files.text_files import read_json
from haresreid.structures import Modality
from haresreid.synvi import GENERATOR_VERSION, SynVISpec, subset_counts
from haresreid.synvi.layouts import person_images, split_ids
from haresreid.synvi.writer import MARKER

from .layouts import LAYOUTS, Image

__all__ = ['MARKER', 'PUBLISHED', 'Expected', 'camera_counts', 'expected_of_synvi', 'read_spec']

# (modality, camera) -> (identities, images)
CameraCounts = dict[tuple[Modality, int], tuple[int, int]]


@dataclass(frozen=True)
class Expected:
    """The right numbers; what is not stated is not checked.

    Attributes:
        lists: Id list -> identities in it.
        subsets: Subset ('train', 'train 3') -> {'ids' | 'visible' | 'infrared' | 'images': number}.
        cameras: Subset ('train', 'test') -> numbers of each camera.
        galleries: Protocol -> gallery images of one trial.
    """

    lists: dict[str, int] = field(default_factory=dict)
    subsets: dict[str, dict[str, int]] = field(default_factory=dict)
    cameras: dict[str, CameraCounts] = field(default_factory=dict)
    galleries: dict[str, int] = field(default_factory=dict)


_V, _I = Modality.VISIBLE, Modality.INFRARED
PUBLISHED = {
    'sysu': Expected(
        lists={'exp/train_id.txt': 296, 'exp/val_id.txt': 99, 'exp/test_id.txt': 96},
        subsets=SYSUMM01.COUNTS,
        # counted in the official rand_perm_cam.mat
        cameras=dict(
            test={
                (_V, 1): (56, 1374),
                (_V, 2): (56, 1565),
                (_I, 3): (93, 1883),
                (_V, 4): (94, 1918),
                (_V, 5): (95, 1918),
                (_I, 6): (96, 1920),
            }
        ),
        galleries={'sysu/all': 301, 'sysu/indoor': 112, 'sysu/all-10shot': 3010, 'sysu/indoor-10shot': 1120},
    ),
    'regdb': Expected(
        subsets={f'{name} {split}': counts for split in range(1, 11) for name, counts in RegDB.COUNTS.items()}
    ),
    'llcm': Expected(lists={'idx/test_id.txt': 351}, subsets=LLCM.COUNTS),
}


def read_spec(root: str) -> SynVISpec | None:
    """The spec of a SynVI set; None for any other set.

    Raises:
        ValueError: The marker file does not hold one.
    """
    path = osp.join(root, MARKER)
    if not osp.isfile(path):
        return None
    try:
        fields = read_json(path)
        version = fields.pop('generator')
        spec = SynVISpec(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'{MARKER} holds no spec of a SynVI set ({error})') from None
    if version != GENERATOR_VERSION:
        raise ValueError(f'{MARKER} is of generator {version}, and this is {GENERATOR_VERSION}')
    return spec


def expected_of_synvi(spec: SynVISpec) -> Expected:
    """The numbers of a SynVI set."""
    names = ('train', 'test')
    if spec.layout == 'regdb':
        return Expected(
            subsets={f'{name} {split}': subset_counts(spec, name, split) for name in names for split in range(1, 11)}
        )
    train, val, test = split_ids(spec)
    lists = (
        {'exp/train_id.txt': len(train), 'exp/val_id.txt': len(val), 'exp/test_id.txt': len(test)}
        if spec.layout == 'sysu'
        else {'idx/test_id.txt': len(test)}
    )
    locate = LAYOUTS[spec.layout].locate
    cameras = {
        name: camera_counts(locate(planned.path) for pid in people for planned in person_images(spec, pid))
        for name, people in (('train', train + val), ('test', test))
    }
    return Expected(lists, {name: subset_counts(spec, name) for name in names}, cameras)


def camera_counts(images: Iterable[Image]) -> CameraCounts:
    """Identities and images of each camera."""
    pids = defaultdict(list)
    for image in images:
        pids[image.modality, image.camid].append(image.pid)
    return {camera: (len(set(seen)), len(seen)) for camera, seen in sorted(pids.items())}

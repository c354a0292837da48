"""Expected numbers of identities and images: as published, or from a SynVI set's own spec."""

import os.path as osp
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from haresreid.catalogue import CATALOGUE, DatasetEntry
from haresreid.files.text_files import read_json
from haresreid.structures import Modality
from haresreid.synvi import GENERATOR_VERSION, SynVISpec, subset_counts
from haresreid.synvi.layouts import listed_items, split_ids
from haresreid.synvi.writer import MARKER

from .layouts import LAYOUTS, Image

__all__ = ['MARKER', 'PUBLISHED', 'Expected', 'camera_counts', 'expected_of_synvi', 'read_spec']

# (modality, camera) -> (identities, images)
CameraCounts = dict[tuple[Modality, int], tuple[int, int]]


@dataclass(frozen=True)
class Expected:
    """The expected numbers. A number that is not stated is not checked.

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


def _published(entry: DatasetEntry) -> Expected:
    cameras = {
        (Modality[name.upper()], camid): entry.test_cameras[camid]
        for name, camids in entry.cameras.items()
        for camid in camids
        if entry.test_cameras
    }
    return Expected(
        lists=entry.list_ids,
        subsets={
            name if len(entry.splits) == 1 else f'{name} {split}': counts
            for split in entry.splits
            for name, counts in entry.counts.items()
        },
        cameras=dict(test=cameras) if cameras else {},
        galleries=entry.gallery_sizes,
    )


PUBLISHED = {layout: _published(entry) for layout, entry in CATALOGUE.items()}


def read_spec(root: str) -> SynVISpec | None:
    """The spec of a SynVI set; None for any other set.

    Raises:
        ValueError: The marker file does not contain a spec.
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
    """The expected numbers of a SynVI set."""
    names, splits = ('train', 'test'), CATALOGUE[spec.layout].splits
    if len(splits) > 1:
        return Expected(
            subsets={f'{name} {split}': subset_counts(spec, name, split) for name in names for split in splits}
        )
    train, val, test = split_ids(spec)
    lists = {
        'sysu': {'exp/train_id.txt': len(train), 'exp/val_id.txt': len(val), 'exp/test_id.txt': len(test)},
        'llcm': {'idx/test_id.txt': len(test)},
    }.get(spec.layout, {})
    locate = LAYOUTS[spec.layout].locate
    cameras = {
        name: camera_counts(locate(planned.path) for pid in people for planned in listed_items(spec, pid))
        for name, people in (('train', train + val), ('test', test))
    }
    return Expected(lists, {name: subset_counts(spec, name) for name in names}, cameras)


def camera_counts(images: Iterable[Image]) -> CameraCounts:
    """Identities and images of each camera."""
    pids = defaultdict(list)
    for image in images:
        pids[image.modality, image.camid].append(image.pid)
    return {camera: (len(set(seen)), len(seen)) for camera, seen in sorted(pids.items())}

"""What is known of each data set before an image of it is seen: numbers, folders, cameras, protocols.

Command lines read this, so it imports neither PyTorch nor NumPy. How a layout is read stands in
:mod:`haresreid.datasets`, what its protocols do in :mod:`haresreid.evaluation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = [
    'CATALOGUE',
    'IMAGE_LAYOUTS',
    'LAYOUTS',
    'OWN',
    'PROTOCOL_NAMES',
    'RUN_DATASETS',
    'DatasetEntry',
    'default_protocols',
    'layout_of',
]


@dataclass(frozen=True)
class DatasetEntry:
    """A published data set. SynVI is drawn in the layout of each, with numbers of its own.

    Attributes:
        title: Its name.
        counts: Subset ('train', 'test') -> {'ids' | 'visible' | 'infrared' | 'images': number}, of each split; of a
            data set of tracks, these are numbers of tracks.
        folders: The folders of images below the data root.
        lists: The folder of the files that say which images form a subset, or these files.
        cameras: Modality, by the name of a :class:`haresreid.structures.Modality` -> the numbers of its cameras; none,
            if no publication lists them.
        protocols: The names of all its protocols.
        default_protocols: Those by which it is evaluated unless others are asked for.
        tracks: Whether its items are tracks instead of images.
        splits: The numbers of its partitions into a training and a test subset.
        list_ids: Id list, below the data root -> the identities it holds.
        test_cameras: Camera -> (identities, images) of the test subset.
        gallery_sizes: Protocol -> gallery images of one trial.
    """

    title: str
    counts: Mapping[str, Mapping[str, int]]
    folders: tuple[str, ...]
    lists: tuple[str, ...]
    cameras: Mapping[str, tuple[int, ...]]
    protocols: tuple[str, ...]
    default_protocols: tuple[str, ...]
    tracks: bool = False
    splits: range = range(1, 2)
    list_ids: Mapping[str, int] = field(default_factory=dict)
    test_cameras: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    gallery_sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def all_folders(self) -> tuple[str, ...]:
        """What the data root must hold."""
        return (*self.folders, *self.lists)


CATALOGUE = {
    'sysu': DatasetEntry(
        title='SYSU-MM01',
        counts=dict(train=dict(ids=395, visible=22258, infrared=11909), test=dict(ids=96, visible=6775, infrared=3803)),
        folders=('cam1', 'cam2', 'cam3', 'cam4', 'cam5', 'cam6'),
        lists=('exp',),
        cameras=dict(visible=(1, 2, 4, 5), infrared=(3, 6)),
        protocols=(
            'sysu/all',
            'sysu/indoor',
            'sysu/all-10shot',
            'sysu/indoor-10shot',
            'sysu/all-official',
            'sysu/indoor-official',
            'sysu/all-10shot-official',
            'sysu/indoor-10shot-official',
            'sysu/v2m',
            'sysu/i2m',
        ),
        default_protocols=('sysu/all', 'sysu/indoor'),
        list_ids={'exp/train_id.txt': 296, 'exp/val_id.txt': 99, 'exp/test_id.txt': 96},
        # counted in the official rand_perm_cam.mat
        test_cameras={1: (56, 1374), 2: (56, 1565), 3: (93, 1883), 4: (94, 1918), 5: (95, 1918), 6: (96, 1920)},
        gallery_sizes={'sysu/all': 301, 'sysu/indoor': 112, 'sysu/all-10shot': 3010, 'sysu/indoor-10shot': 1120},
    ),
    'regdb': DatasetEntry(
        title='RegDB',
        counts=dict(train=dict(ids=206, visible=2060, infrared=2060), test=dict(ids=206, visible=2060, infrared=2060)),
        folders=('Visible', 'Thermal'),
        lists=('idx',),
        cameras=dict(visible=(1,), infrared=(2,)),
        protocols=('regdb/v2i', 'regdb/i2v'),
        default_protocols=('regdb/v2i', 'regdb/i2v'),
        splits=range(1, 11),
    ),
    'llcm': DatasetEntry(
        title='LLCM',
        # the publications state the test images as a total only
        counts=dict(train=dict(ids=713, visible=16946, infrared=13975), test=dict(ids=351, images=15846)),
        folders=('vis', 'nir', 'test_vis', 'test_nir'),
        lists=('idx',),
        cameras=dict(
            visible=(1, 2, 3, 4, 5, 6, 7, 8, 9), infrared=(1, 2, 4, 5, 6, 7, 8, 9)
        ),  # no near-infrared camera at place 3
        protocols=('llcm/v2i', 'llcm/i2v', 'llcm/v2i-legacy', 'llcm/v2m', 'llcm/i2m'),
        default_protocols=('llcm/v2i', 'llcm/i2v'),
        list_ids={'idx/test_id.txt': 351},
    ),
    'vcm': DatasetEntry(
        title='HITSZ-VCM',
        # of the tracks of 12 frames and more, which the released code keeps; counted by workingcoder/M3-ReID
        counts=dict(train=dict(ids=500, visible=5460, infrared=4291), test=dict(ids=427, visible=5099, infrared=4584)),
        folders=('Train', 'Test'),
        lists=('info',),
        cameras={},
        protocols=('vcm/v2i', 'vcm/i2v'),
        default_protocols=('vcm/v2i', 'vcm/i2v'),
        tracks=True,
    ),
    'bupt': DatasetEntry(
        title='BUPTCampus',
        # counted by workingcoder/M3-ReID; without the auxiliary people, each of whom one camera saw
        counts=dict(
            train=dict(ids=1074, visible=3574, infrared=3574), test=dict(ids=1076, visible=2962, infrared=2958)
        ),
        folders=('DATA',),
        lists=('data_paths.json', 'train.txt', 'query.txt', 'gallery.txt'),
        cameras=dict(visible=(1, 2, 3, 4, 5, 6), infrared=(1, 2, 3, 4, 5, 6)),
        protocols=('bupt/v2i', 'bupt/i2v'),
        default_protocols=('bupt/v2i', 'bupt/i2v'),
        tracks=True,
    ),
}
LAYOUTS = tuple(CATALOGUE)
IMAGE_LAYOUTS = tuple(layout for layout, entry in CATALOGUE.items() if not entry.tracks)
"""Those that methods on single images are compared on."""
RUN_DATASETS = {
    **{layout: layout for layout in IMAGE_LAYOUTS},
    'synth': 'sysu',
    'synth_regdb': 'regdb',
    'synth_llcm': 'llcm',
}
"""What configs are named after -> the layout of the data that they train on."""

OWN = 'own'
"""Stands for data whose rules of evaluation no publication states: a user's own."""
_OWN_TITLE, _OWN_PROTOCOLS = 'manifest', ('own/v2i', 'own/i2v')

PROTOCOL_NAMES = (
    *_OWN_PROTOCOLS,
    'own/v2m',
    'own/i2m',
    *(name for entry in CATALOGUE.values() for name in entry.protocols),
)


def layout_of(metainfo: Mapping) -> str | None:
    """Whose protocols are meant for a data set: a key of ``CATALOGUE``, or ``OWN``; None where nothing tells.

    Args:
        metainfo (Mapping): Of the data set, or what features record of it: ``dataset``, its title, and of SynVI
            ``layout``.
    """
    titles = {entry.title: layout for layout, entry in CATALOGUE.items()} | {_OWN_TITLE: OWN}
    return metainfo.get('layout') or titles.get(metainfo.get('dataset'))


def default_protocols(layout: str) -> tuple[str, ...]:
    """The protocols by which a layout, or a user's own data, is evaluated unless others are asked for."""
    return _OWN_PROTOCOLS if layout == OWN else CATALOGUE[layout].default_protocols

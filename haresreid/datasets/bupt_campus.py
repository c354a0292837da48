"""BUPTCampus: walks past six housings, each of which films in both spectra at once."""

import os.path as osp
from typing import ClassVar, NamedTuple

from haresreid.catalogue import CATALOGUE
from haresreid.files.numbers import whole_number
from haresreid.files.printable import shortened
from haresreid.files.text_files import read_json, read_text
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import require_layout
from .tracklet_dataset import GALLERY, QUERY, TrackletDataset

__all__ = ['BUPTCampus', 'TrackName', 'list_tracks', 'parse_track_line']

CAMERAS = {'LS3': 1, 'G25': 2, 'CQ1': 3, 'W4': 4, 'TSG1': 5, 'TSG2': 6}
MODALITIES = {'RGB': Modality.VISIBLE, 'IR': Modality.INFRARED}
BOTH = 'RGB/IR'
LISTS = dict(train={'train.txt': None}, test={'query.txt': QUERY, 'gallery.txt': GALLERY})
"""Subset -> its lists, and the role of the tracks in each."""


class TrackName(NamedTuple):
    """A track as the lists name it: person, modality ('RGB' or 'IR'), camera, number."""

    pid: int
    modality: str
    camera: str
    track: str


def parse_track_line(line: str) -> list[TrackName]:
    """The track of a line ``1911 RGB G25 1``, or both of ``1746 RGB/IR TSG2 1``; ``ValueError`` if it is neither."""
    words = line.split()
    if len(words) != 4 or words[1] not in (*MODALITIES, BOTH) or words[2] not in CAMERAS:
        raise ValueError(
            f'expected "person RGB|IR|RGB/IR camera track" with a camera of {", ".join(CAMERAS)}, found '
            f'{shortened(line.strip())}.'
        )
    pid, modality, camera, track = words
    modalities = MODALITIES if modality == BOTH else (modality,)
    return [TrackName(whole_number(pid, what='person'), name, camera, track) for name in modalities]


def list_tracks(data_root: str, subset: str) -> list[dict]:
    """Tracks of a BUPTCampus layout, in the order of its lists.

    Args:
        data_root (str): Folder that holds ``DATA``, ``data_paths.json``, ``train.txt``, ``query.txt`` and
            ``gallery.txt``.
        subset (str): 'train' or 'test'.

    Returns:
        list[dict]: ``dict(frames, pid, camid, modality)``, and of a test track ``role``.
    """
    require_layout('BUPTCampus', data_root, CATALOGUE['bupt'].all_folders)
    paths_file = osp.join(data_root, 'data_paths.json')
    paths = read_json(paths_file)
    tracks = []
    for list_file, role in LISTS[subset].items():
        list_path = osp.join(data_root, list_file)
        for number, line in enumerate(read_text(list_path).splitlines(), 1):
            if not line.strip():
                continue
            try:
                names = parse_track_line(line)
            except ValueError as error:
                raise ValueError(f'{list_path!r}, line {number}: {error}') from None
            for name in names:
                frames = frames_of(paths, name)
                if not frames:
                    raise ValueError(
                        f'{list_path!r}, line {number}: {paths_file!r} names no images of this track; take both files '
                        'from one release.'
                    )
                track = dict(
                    frames=[osp.join(data_root, 'DATA', *path.split('/')) for path in frames],
                    pid=name.pid,
                    camid=CAMERAS[name.camera],
                    modality=MODALITIES[name.modality],
                )
                tracks.append(track if role is None else dict(track, role=role))
    return tracks


def frames_of(paths: dict, name: TrackName) -> list[str]:
    """The images, below ``DATA``, of a track in the content of ``data_paths.json``; none if it does not name them."""
    for key in (str(name.pid), name.modality, name.camera, name.track):
        paths = paths.get(key, {}) if isinstance(paths, dict) else {}
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


@DATASETS.register_module()
class BUPTCampus(TrackletDataset):
    """BUPTCampus, pairs of tracks of 2,150 people; both spectra are aligned pixel by pixel.

    Du et al., "Video-based Visible-Infrared Person Re-identification with Auxiliary Samples", TIFS 2023.

    .. code-block:: text

        data_root/
        ├── DATA/
        │   └── 1/                       identity
        │       ├── IR/CQ1/1_IR_CQ1_1_8535.jpg ...
        │       ├── RGB/CQ1/1_RGB_CQ1_1_8535.jpg ...
        │       └── FakeIR/ ...          drawn by a GAN of the authors; not used
        ├── data_paths.json              identity -> modality -> camera -> track -> its images below DATA
        ├── train.txt                    lines "1746 RGB/IR TSG2 1": identity, modality, camera, track
        ├── query.txt                    lines "1911 RGB G25 1"
        ├── gallery.txt
        └── train_auxiliary.txt          930 people whom one camera saw; not used

    ====== ===== ======= ======== ======
    subset ids   visible infrared tracks
    ====== ===== ======= ======== ======
    train  1,074 3,574   3,574    7,148
    test   1,076 2,962   2,958    5,920
    ====== ===== ======= ======== ======

    The cameras are numbered in the order LS3, G25, CQ1, W4, TSG1, TSG2. **Written from the description in public code
    and never run on the data.** The arguments are those of :class:`TrackletDataset`; the released code takes 10 frames.
    """

    METAINFO: ClassVar = dict(dataset=CATALOGUE['bupt'].title)
    COUNTS: ClassVar = CATALOGUE['bupt'].counts

    def list_tracks(self) -> list[dict]:
        return list_tracks(self.data_root, self.subset)

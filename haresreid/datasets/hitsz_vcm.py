"""HITSZ-VCM: walks past twelve cameras, each of which films in both spectra."""

import os.path as osp
import re
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from haresreid.catalogue import CATALOGUE
from haresreid.files.numbers import whole_number
from haresreid.files.printable import shortened
from haresreid.files.text_files import read_text
from haresreid.registry import DATASETS
from haresreid.structures import Modality

from .layout import require_layout
from .tracklet_dataset import TrackletDataset

__all__ = ['HITSZVCM', 'MIN_FRAMES', 'TrackLine', 'image_path', 'list_tracks', 'parse_track_line']

MIN_FRAMES = 12
"""Shorter tracks are left out, as in the released code."""
MODALITIES = {1: Modality.INFRARED, 2: Modality.VISIBLE}  # as the release numbers them
FOLDERS = {1: 'ir', 2: 'rgb'}
IMAGE_NAME = re.compile(r'([0-9]{4})M([12])D([0-9]+)T[0-9]+F([0-9]+\.[A-Za-z]+)')


class TrackLine(NamedTuple):
    """A line of a track list: modality, numbers of its first and last image name (from 1), person, camera."""

    modality: int
    first: int
    last: int
    pid: int
    camid: int

    @property
    def is_kept(self) -> bool:
        """Whether it is long enough."""
        return self.last - self.first + 1 >= MIN_FRAMES

    @property
    def rows(self) -> slice:
        """Its image names in their list."""
        return slice(self.first - 1, self.last)


def image_path(name: str) -> str:
    """Path, below the subset's folder, of an image name such as ``0001M2D3T1F6.jpg``: ``0001/rgb/D3/6.jpg``.

    The name says person, modality, camera, track and frame.

    Raises:
        ValueError: If it is no such name.
    """
    match = IMAGE_NAME.fullmatch(name.strip())
    if not match:
        raise ValueError(f'expected an image name like 0001M2D3T1F6.jpg, found {shortened(name.strip())}.')
    pid, modality, camera, file = match.groups()
    return f'{pid}/{FOLDERS[int(modality)]}/D{camera}/{file}'


def parse_track_line(line: str) -> TrackLine:
    """Read ``2 1 24 0001 3``; ``ValueError`` if it is something else."""
    words = line.split()
    if len(words) != len(TrackLine._fields):
        raise ValueError(f'expected "modality first last person camera", found {shortened(line.strip())}.')
    track = TrackLine(*(whole_number(word, what=what) for word, what in zip(words, TrackLine._fields)))
    if track.modality not in MODALITIES or not 1 <= track.first <= track.last:
        raise ValueError(f'expected modality 1 or 2 and 1 <= first <= last, found {shortened(line.strip())}.')
    return track


def list_tracks(data_root: str, subset: str) -> list[dict]:
    """Tracks of a HITSZ-VCM layout with at least :data:`MIN_FRAMES` frames, in the order of its list.

    Args:
        data_root (str): Folder that holds ``Train``, ``Test`` and ``info``.
        subset (str): 'train' or 'test'.

    Returns:
        list[dict]: ``dict(frames, pid, camid, modality)``.
    """
    require_layout('HITSZ-VCM', data_root, CATALOGUE['vcm'].all_folders)
    folder = osp.join(data_root, subset.capitalize())
    paths = _read_lines(osp.join(data_root, 'info', f'{subset}_name.txt'), image_path)
    list_file = osp.join(data_root, 'info', f'track_{subset}_info.txt')
    tracks = _read_lines(list_file, parse_track_line)
    beyond = next((number for number, track in enumerate(tracks, 1) if track.last > len(paths)), None)
    if beyond is not None:
        raise ValueError(
            f'{list_file!r}, line {beyond}: the track ends at image {tracks[beyond - 1].last}, and {subset}_name.txt '
            f'has {len(paths)}; take both lists from one release.'
        )
    return [
        dict(
            frames=[osp.join(folder, *path.split('/')) for path in paths[track.rows]],
            pid=track.pid,
            camid=track.camid,
            modality=MODALITIES[track.modality],
        )
        for track in tracks
        if track.is_kept
    ]


def _read_lines(path: str, parse: Callable[[str], Any]) -> list:
    if not osp.isfile(path):
        raise FileNotFoundError(f'The list {path!r} does not exist; it belongs to the official release.')
    entries = []
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            try:
                entries.append(parse(line))
            except ValueError as error:
                raise ValueError(f'{path!r}, line {number}: {error}') from None
    return entries


@DATASETS.register_module()
class HITSZVCM(TrackletDataset):
    """HITSZ-VCM, tracks of 927 people, filmed by twelve cameras in both spectra.

    Lin et al., "Learning Modal-invariant and Temporal-memory for Video-based Visible-Infrared Person
    Re-Identification", CVPR 2022.

    .. code-block:: text

        data_root/
        ├── Train/
        │   └── 0001/                    identity
        │       ├── ir/D2/1.jpg ...      camera, frame
        │       └── rgb/D3/1.jpg ...
        ├── Test/0503/ ...
        └── info/
            ├── train_name.txt           lines "0001M2D3T1F1.jpg": identity, modality (1 infrared), camera, ...
            ├── track_train_info.txt     lines "2 1 24 0001 3": modality, first and last name, identity, camera
            ├── test_name.txt
            ├── track_test_info.txt
            └── query_IDX.txt            one line: the test tracks that are queries, which are the infrared ones

    ====== ==== ======= ======== ======
    subset ids  visible infrared tracks
    ====== ==== ======= ======== ======
    train  500  5,460   4,291    9,751
    test   427  5,099   4,584    9,683
    ====== ==== ======= ======== ======

    The numbers are of the tracks of 12 frames and more, which the released code keeps. ``query_IDX.txt`` is not read:
    the protocol takes the infrared tracks for queries, or in its other direction the visible ones. **Written from the
    description in public code and never run on the data.**

    Args:
        data_root (str): Folder of the data set.
        subset (str): 'train' or 'test'. Defaults to 'train'.
        num_frames, pipeline, check_counts, unreadable, cache_dir: See :class:`TrackletDataset`.
    """

    METAINFO: ClassVar = dict(dataset=CATALOGUE['vcm'].title)
    COUNTS: ClassVar = CATALOGUE['vcm'].counts

    def list_tracks(self) -> list[dict]:
        return list_tracks(self.data_root, self.subset)

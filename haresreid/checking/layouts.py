"""The rules of the folder layouts: what a path says about its image, and which lists define which subset."""

import re
from abc import ABC, abstractmethod
from itertools import chain
from typing import NamedTuple

from haresreid.catalogue import CATALOGUE, DatasetEntry
from haresreid.datasets import bupt_campus, hitsz_vcm, llcm, sysu_mm01
from haresreid.structures import Modality

from .lists import ListReader

__all__ = ['LAYOUTS', 'Image', 'Layout', 'Subset']

VIS, INF = Modality.VISIBLE, Modality.INFRARED


class Image(NamedTuple):
    """An image at its proper path.

    Attributes:
        path: Below the data root, with forward slashes.
        pid: Identity.
        camid: Camera.
        modality: Spectrum.
    """

    path: str
    pid: int
    camid: int
    modality: Modality


class Subset(NamedTuple):
    """The images of a training or test subset.

    Attributes:
        name: 'train' or 'test'.
        split: 1..10 for RegDB, else None.
        images: Its images. Those of an index file may be missing on disk.
        identities: List file -> the identities in it.
        complete: Whether all its lists exist.
        tracks: The first image of each track, in a data set of tracks; None in others.
    """

    name: str
    split: int | None
    images: list[Image]
    identities: dict[str, set[int]]
    complete: bool
    tracks: list[Image] | None = None

    @property
    def items(self) -> list[Image]:
        """What a data set counts and evaluates: its tracks, or its images."""
        return self.images if self.tracks is None else self.tracks

    @property
    def key(self) -> str:
        """'train', or 'train 3' for the third split."""
        return f'{self.name} {self.split}' if self.split else self.name

    @property
    def pids(self) -> set[int]:
        """All identities in its lists."""
        return set().union(*self.identities.values())


class Layout(ABC):
    """One folder layout.

    Attributes:
        entry: What the catalogue says of its data set.
        example: The path of an image.
        images_at, folders_at: Patterns of the paths where images and folders belong.
        list_form: What right lines of its lists look like.
    """

    entry: DatasetEntry
    example: str
    images_at: re.Pattern
    folders_at: re.Pattern
    list_form = 'an id list is one line "6,10,17", an index file has lines "folder/<identity>/<image> <label>"'

    @property
    def title(self) -> str:
        """Name of the data set."""
        return self.entry.title

    @property
    def folders(self) -> tuple[str, ...]:
        """All folders that the data root must contain."""
        return self.entry.all_folders

    @property
    def cameras(self) -> dict[Modality, tuple[int, ...]]:
        """The cameras of the release, by their modality."""
        return {Modality[name.upper()]: camids for name, camids in self.entry.cameras.items()}

    def locate(self, path: str) -> Image | None:
        """The image at this path; None if no image belongs there."""
        if path != path.encode('utf-8', 'ignore').decode():  # bytes of another encoding: no result file could name it
            return None
        match = self.images_at.fullmatch(path)
        return self._image(path, match.groupdict()) if match else None

    @abstractmethod
    def _image(self, path: str, parts: dict[str, str]) -> Image:
        """The image whose path has these named parts."""

    @abstractmethod
    def subsets(self, reader: ListReader, images: list[Image]) -> list[Subset]:
        """Read the lists and sort the images on disk into the subsets."""

    @abstractmethod
    def camera_folder(self, subset: str, camid: int, modality: Modality) -> str:
        """Folder of a camera's images of a subset, possibly with wildcards."""

    def may_be_unlisted(self, image: Image, test_pids: set[int]) -> bool:
        """Whether the release itself contains such images outside the subsets."""
        return False


class SYSULayout(Layout):
    entry = CATALOGUE['sysu']
    example = 'cam1/0006/0001.jpg'
    images_at = re.compile(r'cam(?P<camera>[1-6])/(?P<pid>[0-9]{4})/[^/]+')
    folders_at = re.compile(r'cam[1-6](/[0-9]{4})?')

    def _image(self, path, parts):
        camid = int(parts['camera'])
        return Image(path, int(parts['pid']), camid, INF if camid in self.cameras[INF] else VIS)

    def subsets(self, reader, images):
        subsets = []
        for name, files in sysu_mm01.ID_LISTS.items():
            identities = {f'exp/{file}': reader.ids(f'exp/{file}') for file in files}
            pids = set().union(*identities.values())
            chosen = [image for image in images if image.pid in pids]
            subsets.append(Subset(name, None, chosen, identities, not set(identities) & set(reader.missing)))
        return subsets

    def camera_folder(self, subset, camid, modality):
        return f'cam{camid}'

    def may_be_unlisted(self, image, test_pids):
        return True  # 22 of its 513 identities are in no list


class RegDBLayout(Layout):
    entry = CATALOGUE['regdb']
    example = 'Visible/1/male_front_v_00001_1.bmp'
    images_at = re.compile(r'(?P<folder>Visible|Thermal)/(?P<pid>[0-9]+)/[^/]+')
    folders_at = re.compile(r'(Visible|Thermal)(/[0-9]+)?')

    def _image(self, path, parts):
        modality = VIS if parts['folder'] == 'Visible' else INF
        return Image(path, int(parts['pid']), self.cameras[modality][0], modality)

    def subsets(self, reader, images):
        return [self._subset(reader, name, split) for split in self.entry.splits for name in ('train', 'test')]

    def _subset(self, reader: ListReader, name: str, split: int) -> Subset:
        lists = {f'idx/{name}_{folder.lower()}_{split}.txt': folder for folder in self.entry.folders}
        return _listed_subset(self, reader, name, split, lists)

    def camera_folder(self, subset, camid, modality):
        return 'Visible' if modality == VIS else 'Thermal'


class LLCMLayout(Layout):
    entry = CATALOGUE['llcm']
    example = 'vis/0001/0001_c01_s185535_f7010_vis.jpg and test_vis/cam1/0003/<name>.jpg'
    images_at = re.compile(
        r'(?P<train>vis|nir)/(?P<pid>[0-9]+)/[^/]*?' + llcm.CAMERA_IN_NAME.pattern + r'[^/]*'
        r'|test_(?P<test>vis|nir)/cam(?P<camera>[1-9])/(?P<test_pid>[0-9]{4})/[^/]+'
    )
    folders_at = re.compile(r'(vis|nir)(/[0-9]+)?|test_(vis|nir)(/cam[1-9](/[0-9]{4})?)?')

    def _image(self, path, parts):
        modality = VIS if 'vis' in (parts['train'], parts['test']) else INF
        camera = parts['camera'] or llcm.CAMERA_IN_NAME.search(path.rsplit('/', 1)[1])[1]
        return Image(path, int(parts['pid'] or parts['test_pid']), int(camera), modality)

    def subsets(self, reader, images):
        train = _listed_subset(self, reader, 'train', None, {f'idx/train_{name}.txt': name for name in ('vis', 'nir')})
        test_list = 'idx/test_id.txt'
        pids = reader.ids(test_list)
        chosen = [image for image in images if image.pid in pids and image.path.startswith('test_')]
        return [train, Subset('test', None, chosen, {test_list: pids}, test_list not in reader.missing)]

    def camera_folder(self, subset, camid, modality):
        folder = llcm.FOLDERS[modality]
        return f'test_{folder}/cam{camid}' if subset == 'test' else f'{folder}/*_c{camid:02d}_*'

    def may_be_unlisted(self, image, test_pids):
        # the test trees are copies of test images that the release also holds here
        return image.pid in test_pids and not image.path.startswith('test_')


class VCMLayout(Layout):
    entry = CATALOGUE['vcm']
    example = 'Train/0001/rgb/D3/6.jpg'
    images_at = re.compile(r'(Train|Test)/(?P<pid>[0-9]{4})/(?P<folder>rgb|ir)/D(?P<camera>[0-9]+)/[^/]+')
    folders_at = re.compile(r'(Train|Test)(/[0-9]{4}(/(rgb|ir)(/D[0-9]+)?)?)?')
    list_form = (
        'a list of names has lines "0001M2D3T1F6.jpg", one of tracks lines "modality first last person camera", of '
        'images in the list of names'
    )

    def _image(self, path, parts):
        return Image(path, int(parts['pid']), int(parts['camera']), VIS if parts['folder'] == 'rgb' else INF)

    def subsets(self, reader, images):
        return [self._subset(reader, name) for name in ('train', 'test')]

    def _subset(self, reader: ListReader, name: str) -> Subset:
        names_list, tracks_list = f'info/{name}_name.txt', f'info/track_{name}_info.txt'
        paths = {row: f'{name.capitalize()}/{path}' for row, path in reader.parsed(names_list, hitsz_vcm.image_path)}
        listed, tracks = [], []
        for number, track in reader.parsed(tracks_list, hitsz_vcm.parse_track_line):
            if track.last > max(paths, default=0):
                reader.bad_line(tracks_list, number)
            elif track.is_kept:
                # the track's own labels: users report tracks with some frames of others
                labels = track.pid, track.camid, hitsz_vcm.MODALITIES[track.modality]
                frames = [Image(paths[row], *labels) for row in range(track.first, track.last + 1) if row in paths]
                listed += frames
                tracks += frames[:1]
        for path in paths.values():
            reader.require(names_list, path)
        identities = {tracks_list: {track.pid for track in tracks}}
        complete = not {names_list, tracks_list} & set(reader.missing)
        return Subset(name, None, listed, identities, complete, tracks)

    def camera_folder(self, subset, camid, modality):
        return f'{subset.capitalize()}/*/{"rgb" if modality == VIS else "ir"}/D{camid}'

    def may_be_unlisted(self, image, test_pids):
        return True  # the images of tracks that are too short


class BUPTLayout(Layout):
    entry = CATALOGUE['bupt']
    example = 'DATA/1/RGB/CQ1/1_RGB_CQ1_1_8535.jpg'
    images_at = re.compile(
        r'DATA/(?P<pid>[0-9]+)/(?P<folder>RGB|IR|FakeIR)/(?P<camera>' + '|'.join(bupt_campus.CAMERAS) + r')/[^/]+'
    )
    folders_at = re.compile(r'DATA(/[0-9]+(/(RGB|IR|FakeIR)(/(' + '|'.join(bupt_campus.CAMERAS) + r'))?)?)?')
    list_form = 'a list has lines "1911 RGB G25 1" of tracks whose images data_paths.json names'

    def _image(self, path, parts):
        modality = VIS if parts['folder'] == 'RGB' else INF
        return Image(path, int(parts['pid']), bupt_campus.CAMERAS[parts['camera']], modality)

    def subsets(self, reader, images):
        paths = reader.json('data_paths.json')
        return [self._subset(reader, paths, name) for name in bupt_campus.LISTS]

    def _subset(self, reader: ListReader, paths: dict, name: str) -> Subset:
        listed, tracks, identities = [], [], {}
        for list_file in bupt_campus.LISTS[name]:
            identities[list_file] = set()
            for number, names in reader.parsed(list_file, bupt_campus.parse_track_line):
                for track in names:
                    frames = [f'DATA/{path}' for path in bupt_campus.frames_of(paths, track)]
                    if not frames:
                        reader.bad_line(list_file, number)
                        continue
                    labels = track.pid, bupt_campus.CAMERAS[track.camera], bupt_campus.MODALITIES[track.modality]
                    listed += [Image(path, *labels) for path in frames]
                    tracks.append(Image(frames[0], *labels))
                    identities[list_file].add(track.pid)
                    for path in frames:
                        reader.require('data_paths.json', path)
        complete = not {'data_paths.json', *identities} & set(reader.missing)
        return Subset(name, None, listed, identities, complete, tracks)

    def camera_folder(self, subset, camid, modality):
        names = {number: name for name, number in bupt_campus.CAMERAS.items()}
        return f'DATA/*/{"RGB" if modality == VIS else "IR"}/{names[camid]}'

    def may_be_unlisted(self, image, test_pids):
        return True  # drawn images, auxiliary people, and a query's other tracks in its camera


def _listed_subset(layout: Layout, reader: ListReader, name: str, split: int | None, lists: dict[str, str]) -> Subset:
    """The subset of these index files, each of which names images of one folder."""
    entries = {path: reader.index(path, folder) for path, folder in lists.items()}
    if name == 'train':
        reader.check_labels(tuple(lists), list(chain(*entries.values())))
    located = (layout.locate(image) for listed in entries.values() for image, _, _ in listed)
    identities = {path: {pid for _, pid, _ in listed} for path, listed in entries.items()}
    return Subset(name, split, [image for image in located if image], identities, not set(lists) & set(reader.missing))


LAYOUTS: dict[str, Layout] = {
    'sysu': SYSULayout(),
    'regdb': RegDBLayout(),
    'llcm': LLCMLayout(),
    'vcm': VCMLayout(),
    'bupt': BUPTLayout(),
}
"""By the name that the command line and SynVI use."""

"""The folder layouts: who appears in which camera, under which file name, and the index files beside them."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from haresreid.catalogue import CATALOGUE

from .camera import Camera, Sensor, draw_camera
from .image_draw import Walk
from .spec import SynVISpec
from .streams import Stream, random_stream

__all__ = [
    'PlannedImage',
    'cameras',
    'folders',
    'index_files',
    'listed_items',
    'person_images',
    'split_ids',
    'subset_counts',
]

_ABSENT = 0.1  # share of people that a camera of the SYSU layout misses


class PlannedImage(NamedTuple):
    """One image file.

    Attributes:
        path: Path below the root, with forward slashes.
        camera: The camera that takes it.
        number: 0 for the person's first image in this camera, or first walk.
        walk: Which frame of this walk it is; None of a single image.
    """

    path: str
    camera: Camera
    number: int
    walk: Walk | None = None


class _Layout(NamedTuple):
    cameras: Callable[[SynVISpec], list[Camera]]
    person_images: Callable[[SynVISpec, int], list[PlannedImage]]
    index_files: Callable[[SynVISpec], dict[str, str]]
    subset_people: Callable[[SynVISpec, str, int], list[int]]
    is_listed: Callable[[SynVISpec, int, PlannedImage], bool] = lambda spec, pid, image: True


def split_ids(spec: SynVISpec) -> tuple[list[int], list[int], list[int]]:
    """Sorted person numbers of the train, validation and test split. Persons are numbered from 1."""
    people = random_stream(spec.seed, Stream.SPLIT).permutation(sum(spec.num_ids)) + 1
    train, val, test = np.split(people, np.cumsum(spec.num_ids)[:2])
    return sorted(train.tolist()), sorted(val.tolist()), sorted(test.tolist())


@lru_cache(maxsize=8)
def _test_people(spec: SynVISpec) -> frozenset[int]:
    return frozenset(split_ids(spec)[2])


def folders(spec: SynVISpec) -> tuple[str, ...]:
    """All image folders of the layout, including those without a person."""
    return CATALOGUE[spec.layout].folders


@lru_cache(maxsize=8)
def cameras(spec: SynVISpec) -> tuple[Camera, ...]:
    """The cameras of a set."""
    return tuple(_LAYOUTS[spec.layout].cameras(spec))


def person_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    """Every image file of one person."""
    return _LAYOUTS[spec.layout].person_images(spec, pid)


def listed_items(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    """The images of a person that a subset holds, or the first ones of the tracks. BUPTCampus has some in no subset."""
    is_listed = _LAYOUTS[spec.layout].is_listed
    return [image for image in person_images(spec, pid) if _is_first(image) and is_listed(spec, pid, image)]


def index_files(spec: SynVISpec) -> dict[str, str]:
    """Content of each index file, by its path below the root."""
    return _LAYOUTS[spec.layout].index_files(spec)


def subset_counts(spec: SynVISpec, subset: str, split: int = 1) -> dict[str, int]:
    """How many ``ids``, ``visible`` and ``infrared`` images the 'train' (with validation) or 'test' subset holds.

    In a layout of tracks, these are numbers of tracks.
    """
    people = _LAYOUTS[spec.layout].subset_people(spec, subset, split)
    sensors = [item.camera.sensor for pid in people for item in listed_items(spec, pid)]
    visible = sensors.count(Sensor.VISIBLE)
    return dict(ids=len(people), visible=visible, infrared=len(sensors) - visible)


def _is_first(image: PlannedImage) -> bool:
    """Whether it is a single image, or the first of its track."""
    return image.walk is None or image.walk.frame == 0


def _train_or_test(spec: SynVISpec, subset: str, split: int) -> list[int]:
    train, val, test = split_ids(spec)
    return test if subset == 'test' else sorted(train + val)


# SYSU-MM01: cam{1..6}/PPPP/NNNN.jpg and exp/*_id.txt


def _sysu_cameras(spec: SynVISpec) -> list[Camera]:
    sensors = dict.fromkeys(CATALOGUE['sysu'].cameras['infrared'], Sensor.NIR)
    places = {3: 2}  # camera 3 stands in the room of camera 2
    return [
        draw_camera(spec.seed, key, sensors.get(key, Sensor.VISIBLE), places.get(key, key), spec.level)
        for key in range(1, 7)
    ]


def _sysu_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    return [
        PlannedImage(f'cam{camera.key}/{pid:04d}/{number + 1:04d}.jpg', camera, number)
        for camera in cameras(spec)
        if _is_present(spec, pid, camera)
        for number in range(spec.images_per_camera)
    ]


def _is_present(spec: SynVISpec, pid: int, camera: Camera) -> bool:
    """Cameras 1 and 3 see everybody, so each person has images of both modalities."""
    return camera.key in (1, 3) or random_stream(spec.seed, Stream.PRESENCE, pid, camera.key).random() >= _ABSENT


def _sysu_index(spec: SynVISpec) -> dict[str, str]:
    train, val, test = split_ids(spec)
    lists = dict(train=train, val=val, test=test, available=sorted(train + val + test))
    return {f'exp/{name}_id.txt': ','.join(map(str, people)) + '\n' for name, people in lists.items()}


# RegDB: {Visible,Thermal}/P/*.bmp and idx/{train,test}_{visible,thermal}_{1..10}.txt


def _regdb_cameras(spec: SynVISpec) -> list[Camera]:
    visible, thermal = (
        draw_camera(spec.seed, key, sensor, 11, spec.level)
        for key, sensor in ((11, Sensor.VISIBLE), (12, Sensor.THERMAL))
    )
    return [visible, thermal._replace(yaw=visible.yaw, pitch=visible.pitch)]  # one housing holds both


def _regdb_path(pid: int, sensor: Sensor, number: int) -> str:
    folder = 'Visible' if sensor is Sensor.VISIBLE else 'Thermal'
    return f'{folder}/{pid}/synvi_{folder[0].lower()}_{pid:05d}_{number + 1:03d}.bmp'


def _regdb_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    return [
        PlannedImage(_regdb_path(pid, camera.sensor, number), camera, number)
        for camera in cameras(spec)
        for number in range(spec.images_per_camera)
    ]


def _regdb_people(spec: SynVISpec, subset: str, split: int) -> list[int]:
    people = random_stream(spec.seed, Stream.FOLD, split).permutation(sum(spec.num_ids)) + 1
    half = len(people) // 2
    return sorted((people[half:] if subset == 'test' else people[:half]).tolist())


def _regdb_index(spec: SynVISpec) -> dict[str, str]:
    files = {}
    for split in CATALOGUE['regdb'].splits:
        for subset in ('train', 'test'):
            people = _regdb_people(spec, subset, split)
            for name, sensor in (('visible', Sensor.VISIBLE), ('thermal', Sensor.THERMAL)):
                files[f'idx/{subset}_{name}_{split}.txt'] = ''.join(
                    f'{_regdb_path(pid, sensor, number)} {label}\n'
                    for label, pid in enumerate(people)
                    for number in range(spec.images_per_camera)
                )
    return files


# LLCM: {vis,nir}/PPPP/*.jpg, test_{vis,nir}/cam{1..9}/PPPP/*.jpg, idx/train_{vis,nir}.txt and idx/test_id.txt


def _llcm_cameras(spec: SynVISpec) -> list[Camera]:
    places = CATALOGUE['llcm'].cameras
    visible = [
        draw_camera(spec.seed, 20 + place, Sensor.VISIBLE, 20 + place, spec.level, low_light=True)
        for place in places['visible']
    ]
    return visible + [
        draw_camera(spec.seed, 40 + place, Sensor.NIR, 20 + place, spec.level) for place in places['infrared']
    ]


def _llcm_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    is_test = pid in split_ids(spec)[2]
    images = []
    for camera in cameras(spec):
        place, modality = camera.place - 20, 'vis' if camera.sensor is Sensor.VISIBLE else 'nir'
        folder = f'test_{modality}/cam{place}' if is_test else modality
        # the real names carry a time and a frame number: made up here
        second, frame = random_stream(spec.seed, Stream.FILE_NAME, pid, camera.key).integers(0, (240000, 9000))
        stem = f'{folder}/{pid:04d}/{pid:04d}_c{place:02d}_s{second:06d}'
        images += [
            PlannedImage(f'{stem}_f{frame + number:04d}_{modality}.jpg', camera, number)
            for number in range(spec.images_per_camera)
        ]
    return images


def _llcm_index(spec: SynVISpec) -> dict[str, str]:
    train, val, test = split_ids(spec)
    files = {'idx/test_id.txt': ','.join(map(str, test)) + '\n'}
    for modality in ('vis', 'nir'):
        files[f'idx/train_{modality}.txt'] = ''.join(
            f'{image.path} {label}\n'
            for label, pid in enumerate(sorted(train + val))
            for image in _llcm_images(spec, pid)
            if image.path.startswith(modality)
        )
    return files


# HITSZ-VCM: {Train,Test}/PPPP/{rgb,ir}/D{1..3}/F.jpg and info/*.txt; every camera films by day and by night

_VCM_FOLDERS = {Sensor.VISIBLE: 'rgb', Sensor.NIR: 'ir'}
_VCM_MODALITIES = {Sensor.NIR: 1, Sensor.VISIBLE: 2}


def _vcm_cameras(spec: SynVISpec) -> list[Camera]:
    return [
        draw_camera(spec.seed, first + place, sensor, 60 + place, spec.level)
        for first, sensor in ((60, Sensor.VISIBLE), (70, Sensor.NIR))
        for place in (1, 2, 3)
    ]


def _vcm_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    subset = 'Test' if pid in _test_people(spec) else 'Train'
    images = []
    for camera in cameras(spec):
        folder = f'{subset}/{pid:04d}/{_VCM_FOLDERS[camera.sensor]}/D{camera.place - 60}'
        images += [
            PlannedImage(f'{folder}/{1 + frame + spec.frames * number}.jpg', camera, number, walk)
            for number in range(spec.images_per_camera)
            for frame, walk in enumerate(_walk(spec, camera.key))
        ]
    return images


def _walk(spec: SynVISpec, key: int) -> list[Walk]:
    return [Walk(key, frame, spec.frames) for frame in range(spec.frames)]


def _vcm_index(spec: SynVISpec) -> dict[str, str]:
    train, val, test = split_ids(spec)
    files = {}
    for subset, people in (('train', sorted(train + val)), ('test', test)):
        names, tracks = [], []
        for pid in people:
            for image in _vcm_images(spec, pid):
                modality, camera = _VCM_MODALITIES[image.camera.sensor], image.camera.place - 60
                file = image.path.rsplit('/', 1)[1]
                names.append(f'{pid:04d}M{modality}D{camera}T{image.number + 1}F{file}')
                if _is_first(image):  # modality, first and last name counted from 1, person, camera
                    tracks.append((modality, len(names), len(names) + spec.frames - 1, pid, camera))
        files[f'info/{subset}_name.txt'] = ''.join(f'{name}\n' for name in names)
        files[f'info/track_{subset}_info.txt'] = ''.join(' '.join(map(str, track)) + '\n' for track in tracks)
    queries = [number for number, track in enumerate(tracks, 1) if track[0] == _VCM_MODALITIES[Sensor.NIR]]
    return files | {'info/query_IDX.txt': ' '.join(map(str, queries)) + '\n'}


# BUPTCampus: DATA/P/{RGB,IR}/CAMERA/*.jpg, data_paths.json, {train,query,gallery}.txt; a housing films both at once

_BUPT_FOLDERS = {Sensor.VISIBLE: 'RGB', Sensor.NIR: 'IR'}
_BUPT_CAMERAS = ('LS3', 'G25', 'CQ1')  # the first three of the six


def _bupt_cameras(spec: SynVISpec) -> list[Camera]:
    pairs = []
    for place in range(81, 81 + len(_BUPT_CAMERAS)):
        visible, infrared = (
            draw_camera(spec.seed, key, sensor, place, spec.level)
            for key, sensor in ((place, Sensor.VISIBLE), (place + 10, Sensor.NIR))
        )
        # one housing holds both: they see the same, also of what stands in the way
        pairs += [
            visible,
            infrared._replace(yaw=visible.yaw, pitch=visible.pitch, occlusion=visible.occlusion),
        ]
    return pairs


def _bupt_place(camera: Camera) -> str:
    return _BUPT_CAMERAS[camera.place - 81]


def _bupt_images(spec: SynVISpec, pid: int) -> list[PlannedImage]:
    images = []
    for camera in cameras(spec):
        name = _bupt_place(camera)
        folder = _BUPT_FOLDERS[camera.sensor]
        images += [
            PlannedImage(
                f'DATA/{pid}/{folder}/{name}/{pid}_{folder}_{name}_{number + 1}_{1 + frame + spec.frames * number}.jpg',
                camera,
                number,
                walk,
            )
            for number in range(spec.images_per_camera)
            for frame, walk in enumerate(_walk(spec, camera.place))
        ]
    return images


def _bupt_query(spec: SynVISpec, pid: int) -> Camera:
    """The camera whose first track of a test person is the query. The gallery has the other housings' tracks."""
    shown = cameras(spec)
    return shown[random_stream(spec.seed, Stream.QUERY, pid).integers(len(shown))]


def _bupt_is_listed(spec: SynVISpec, pid: int, image: PlannedImage) -> bool:
    if pid not in _test_people(spec):
        return True
    query = _bupt_query(spec, pid)
    return image.camera.place != query.place or (image.camera.key == query.key and image.number == 0)


def _bupt_index(spec: SynVISpec) -> dict[str, str]:
    paths: dict = {}
    lines: dict[str, list[str]] = dict(train=[], query=[], gallery=[])
    for pid in range(1, sum(spec.num_ids) + 1):
        for image in _bupt_images(spec, pid):
            modality, place, track = _BUPT_FOLDERS[image.camera.sensor], _bupt_place(image.camera), image.number + 1
            frames = paths.setdefault(str(pid), {}).setdefault(modality, {}).setdefault(place, {})
            frames.setdefault(str(track), []).append(image.path.removeprefix('DATA/'))
            if not _is_first(image) or not _bupt_is_listed(spec, pid, image):
                continue
            if pid not in _test_people(spec):
                if image.camera.sensor is Sensor.VISIBLE:
                    lines['train'].append(f'{pid} RGB/IR {place} {track}\n')
            else:
                role = 'query' if image.camera.place == _bupt_query(spec, pid).place else 'gallery'
                lines[role].append(f'{pid} {modality} {place} {track}\n')
    lists = {f'{name}.txt': ''.join(entries) for name, entries in lines.items()}
    return {'data_paths.json': json.dumps(paths), **lists}


_LAYOUTS = {
    'sysu': _Layout(_sysu_cameras, _sysu_images, _sysu_index, _train_or_test),
    'regdb': _Layout(_regdb_cameras, _regdb_images, _regdb_index, _regdb_people),
    'llcm': _Layout(_llcm_cameras, _llcm_images, _llcm_index, _train_or_test),
    'vcm': _Layout(_vcm_cameras, _vcm_images, _vcm_index, _train_or_test),
    'bupt': _Layout(_bupt_cameras, _bupt_images, _bupt_index, _train_or_test, _bupt_is_listed),
}

"""The three folder layouts: who appears in which camera, under which file name, and the index files beside them."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from haresreid.catalogue import CATALOGUE

from .camera import Camera, Sensor, draw_camera
from .spec import SynVISpec
from .streams import Stream, random_stream

__all__ = ['PlannedImage', 'cameras', 'folders', 'index_files', 'person_images', 'split_ids', 'subset_counts']

_ABSENT = 0.1  # share of people that a camera of the SYSU layout misses


class PlannedImage(NamedTuple):
    """One image file.

    Attributes:
        path: Path below the root, with forward slashes.
        camera: The camera that takes it.
        number: 0 for the person's first image in this camera.
    """

    path: str
    camera: Camera
    number: int


class _Layout(NamedTuple):
    cameras: Callable[[SynVISpec], list[Camera]]
    person_images: Callable[[SynVISpec, int], list[PlannedImage]]
    index_files: Callable[[SynVISpec], dict[str, str]]
    subset_people: Callable[[SynVISpec, str, int], list[int]]


def split_ids(spec: SynVISpec) -> tuple[list[int], list[int], list[int]]:
    """Sorted person numbers of the train, validation and test split. Persons are numbered from 1."""
    people = random_stream(spec.seed, Stream.SPLIT).permutation(sum(spec.num_ids)) + 1
    train, val, test = np.split(people, np.cumsum(spec.num_ids)[:2])
    return sorted(train.tolist()), sorted(val.tolist()), sorted(test.tolist())


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


def index_files(spec: SynVISpec) -> dict[str, str]:
    """Content of each index file, by its path below the root."""
    return _LAYOUTS[spec.layout].index_files(spec)


def subset_counts(spec: SynVISpec, subset: str, split: int = 1) -> dict[str, int]:
    """How many ``ids``, ``visible`` and ``infrared`` images the 'train' (with validation) or 'test' subset holds."""
    people = _LAYOUTS[spec.layout].subset_people(spec, subset, split)
    sensors = [image.camera.sensor for pid in people for image in person_images(spec, pid)]
    visible = sensors.count(Sensor.VISIBLE)
    return dict(ids=len(people), visible=visible, infrared=len(sensors) - visible)


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


_LAYOUTS = {
    'sysu': _Layout(_sysu_cameras, _sysu_images, _sysu_index, _train_or_test),
    'regdb': _Layout(_regdb_cameras, _regdb_images, _regdb_index, _regdb_people),
    'llcm': _Layout(_llcm_cameras, _llcm_images, _llcm_index, _train_or_test),
}

"""The decoded and resized images of a subset in one file, so that training need not decode them again and again."""

import errno
import hashlib
import json
import mmap
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from mmengine.logging import print_log
from torch.utils.data import DataLoader
from tqdm import tqdm

from haresreid.files.files import make_folder, remove_leftovers, written_whole
from haresreid.files.paths import expand_home

from .transforms.load_reid_image import UnreadableImageError

__all__ = ['LoadPackedImage', 'decode', 'load_packed']

PARALLEL_FROM = 600  # with fewer images, starting processes costs more than it saves
Steps = Callable[[dict], dict]


class LoadPackedImage:
    """The first step of a pipeline whose images are in a packed file: ``img`` is a read-only view of the file.

    Each image is mapped into memory only while it is in use. A process therefore holds no more of the file than that,
    and may be forked or spawned.

    Required keys: ``img_path``. Added keys: ``img`` ((H, W, 3) uint8 RGB), ``img_shape``.

    Args:
        path (Path): The file: a .npy array (N, H, W, 3), followed by a JSON object with ``source``, ``checksum`` and
            ``unreadable`` (row -> message).
        img_paths (Sequence[str]): The image behind each row.

    Raises:
        ValueError: The file is damaged.
    """

    def __init__(self, path: Path, img_paths: Sequence[str]):
        self.path, self.img_paths = path, img_paths
        self.file = open(path, 'rb')  # kept open: the rows stay, even if another run replaces the file
        np.lib.format.read_magic(self.file)
        (number, *self.shape), _, _ = np.lib.format.read_array_header_1_0(self.file)
        self.start, self.row_bytes = self.file.tell(), int(np.prod(self.shape))
        self.file.seek(self.start + number * self.row_bytes)
        self.info = json.loads(self.file.read())
        self.rows = {img_path: row for row, img_path in enumerate(img_paths)}

    def __reduce__(self):
        return LoadPackedImage, (self.path, self.img_paths)

    def __call__(self, results: dict) -> dict:
        row = self.rows[results['img_path']]
        if str(row) in self.info['unreadable']:
            raise UnreadableImageError(self.info['unreadable'][str(row)])
        first = self.start + row * self.row_bytes
        inside = first % mmap.ALLOCATIONGRANULARITY
        mapped = mmap.mmap(self.file.fileno(), inside + self.row_bytes, offset=first - inside, access=mmap.ACCESS_READ)
        results['img'] = np.frombuffer(mapped, np.uint8, self.row_bytes, inside).reshape(self.shape)  # (H, W, 3)
        results['img_shape'] = tuple(self.shape[:2])
        return results

    def checksum(self) -> int:
        """The checksum of all rows, which are read again for it."""
        self.file.seek(self.start)
        remaining, checksum = len(self.rows) * self.row_bytes, 0
        while block := self.file.read(min(2**20, remaining)):
            remaining, checksum = remaining - len(block), zlib.crc32(block, checksum)
        return checksum


def load_packed(cache_dir: str, title: str, img_paths: Sequence[str], steps: Steps, key: str) -> LoadPackedImage:
    """Open the packed file of some images, writing it first if it is missing, damaged, or older than an image.

    One process writes while others that need the same file wait. The file is written atomically.

    Args:
        cache_dir (str): Folder of packed files, created if necessary. Its files may be deleted at any time.
        title (str): What the images are, for messages and the file's name.
        img_paths (Sequence[str]): The images.
        steps (callable): Maps ``dict(img_path)`` to ``dict(img)``; the results all have the same size.
        key (str): Identifies what the steps do. Different images or another key give a different file.

    Raises:
        ValueError: The folder cannot hold the file, or the images differ in size.
    """
    digest = hashlib.sha256('\n'.join([key, *map(os.path.abspath, img_paths)]).encode()).hexdigest()[:16]
    path = Path(expand_home(cache_dir)) / f'{title.replace(" ", "_")}_{digest}.npy'
    source = _fingerprint(img_paths)
    try:
        packed = _open(path, img_paths, source)
        if isinstance(packed, str):
            make_folder(path.parent)
            with FileLock(f'{path}.lock'):
                packed = _open(path, img_paths, source)  # another process may have written it meanwhile
                if isinstance(packed, str):
                    print_log(f'{title}: packing {len(img_paths)} images into {path}, which {packed}.', 'current')
                    _pack(path, title, img_paths, steps, source)
                    packed = LoadPackedImage(path, img_paths)
    except OSError as error:
        raise ValueError(
            f'{title}: the packed images cannot be kept in {str(path.parent)!r} ({error.strerror or error}); choose '
            'another cache_dir, or none to decode the images whenever they are needed.'
        ) from error
    return packed


def decode(img_paths: Sequence[str], steps: Steps, title: str) -> Iterator[torch.Tensor | str]:
    """Yield each path's image after ``steps``, in order, or the reason why it cannot be decoded.

    A large number of images is read in several processes.

    Args:
        img_paths (Sequence[str]): The images.
        steps (callable): Maps ``dict(img_path)`` to ``dict(img)``.
        title (str): Label of the progress bar.
    """
    workers = min(8, os.cpu_count() or 1) if len(img_paths) >= PARALLEL_FROM else 0
    # a generator of its own, so that a run's draws do not depend on what is in the cache
    loader = DataLoader(_Decoded(img_paths, steps), batch_size=None, num_workers=workers, generator=torch.Generator())
    return iter(tqdm(loader, title, unit='img', mininterval=0.5, disable=None))


class _Decoded:
    """The decoded images as a PyTorch data set."""

    def __init__(self, img_paths: Sequence[str], steps: Steps):
        self.img_paths, self.steps = img_paths, steps

    def __len__(self) -> int:
        return len(self.img_paths)

    def __getitem__(self, index: int) -> np.ndarray | str:
        try:
            return self.steps(dict(img_path=self.img_paths[index]))['img']
        except UnreadableImageError as error:
            return str(error)


def _fingerprint(img_paths: Sequence[str]) -> str:
    """Digest of the sizes and modification times of files; missing files have neither."""
    digest = hashlib.sha256()
    for path in img_paths:
        status = os.stat(path) if os.path.exists(path) else None
        digest.update(f'{status.st_size} {status.st_mtime_ns}\n'.encode() if status else b'\n')
    return digest.hexdigest()[:16]


def _open(path: Path, img_paths: Sequence[str], source: str) -> LoadPackedImage | str:
    """Open the packed file, or say why it has to be written."""
    if not path.is_file():
        return 'does not exist'
    try:
        packed = LoadPackedImage(path, img_paths)
        if packed.info['source'] != source:
            return 'is out of date, because an image has changed'
        if packed.checksum() == packed.info['checksum']:
            return packed
    except (ValueError, KeyError, TypeError):  # not in this format at all
        pass
    return 'is damaged'


def _pack(path: Path, title: str, img_paths: Sequence[str], steps: Steps, source: str) -> None:
    remove_leftovers(path.parent, path.name)
    shape = _first_shape(title, img_paths, steps)
    size = len(img_paths) * int(np.prod(shape))
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise OSError(errno.ENOSPC, f'they take {size / 2**30:.2f} GiB and {free / 2**30:.2f} GiB are free')
    checksum, unreadable = 0, {}
    # written instead of mapped: a full disk then raises an error we can report instead of a bus error
    with written_whole(path) as part, open(part, 'wb') as file:
        header = dict(descr='|u1', fortran_order=False, shape=(len(img_paths), *shape))
        np.lib.format.write_array_header_1_0(file, header)
        for index, image in enumerate(decode(img_paths, steps, title)):
            if isinstance(image, str):
                unreadable[index] = image
                row = bytes(int(np.prod(shape)))
            elif tuple(image.shape) != shape:
                raise ValueError(
                    f'{title}: {img_paths[index]!r} is {image.shape[0]} x {image.shape[1]} pixels and not '
                    f'{shape[0]} x {shape[1]}; packed images have one size, so put a LanczosResize after '
                    'LoadReIDImage.'
                )
            else:
                row = image.numpy().tobytes()
            file.write(row)
            checksum = zlib.crc32(row, checksum)
        file.write(json.dumps(dict(source=source, checksum=checksum, unreadable=unreadable)).encode())


def _first_shape(title: str, img_paths: Sequence[str], steps: Steps) -> tuple[int, ...]:
    for image in (_Decoded(img_paths, steps)[index] for index in range(len(img_paths))):
        if not isinstance(image, str):
            return image.shape
    raise ValueError(f'{title}: none of the {len(img_paths)} images can be decoded. {image}')

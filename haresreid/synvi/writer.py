"""Writing a SynVI set to disk, in several processes. Runs resume, and no partial set has its final name."""

import json
import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path

import cv2
from filelock import FileLock
from mmengine.logging import print_log
from tqdm import tqdm

from haresreid.files.files import new_part, remove_leftovers
from haresreid.files.paths import expand_home
from haresreid.files.text_files import read_json

from .layouts import folders, index_files, person_images
from .render import render_image
from .spec import LEVELS, SynVISpec

__all__ = ['MARKER', 'is_complete', 'write_synvi']

MARKER = 'synvi.json'
_SMALL = 600  # images below which starting processes costs more than it saves
_MAX_WORKERS = 8


def write_synvi(root: str | os.PathLike, spec: SynVISpec, workers: int | None = None) -> None:
    """Write a set, unless it exists already.

    Each image is written to ``<root>.part`` atomically, and the folder gets its final name when all are complete.
    The next run resumes an interrupted one. The images do not depend on the number of workers.

    Args:
        root: Folder of the set; it must not contain anything else.
        spec: What to draw.
        workers: Number of processes. Defaults to one per available core, at most 8; small sets use this process.

    Raises:
        ValueError: If ``root`` contains something else, or ``root`` or its ``.part`` folder belongs to another set.
    """
    root = Path(expand_home(root)).absolute()
    if is_complete(root, spec):
        return
    root.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f'{root}.lock')
    with lock:  # a second run that needs the same set waits here
        if not is_complete(root, spec):
            _write_part(root.with_name(root.name + '.part'), spec, workers)
            if root.exists():
                root.rmdir()  # empty, see is_complete
            os.replace(root.with_name(root.name + '.part'), root)
    with suppress(OSError):
        os.unlink(lock.lock_file)


def is_complete(root: str | os.PathLike, spec: SynVISpec) -> bool:
    """Whether ``root`` contains the finished set of this spec.

    Raises:
        ValueError: If it contains anything else.
    """
    root = Path(expand_home(root))
    if not root.exists() or (root.is_dir() and not any(root.iterdir())):
        return False
    _check_marker(root, spec)
    return True


def _check_marker(folder: Path, spec: SynVISpec) -> None:
    marker = folder / MARKER
    if not marker.is_file():
        raise ValueError(f'{folder} exists but is not a SynVI set (it has no {MARKER}); choose another folder.')
    found, wanted = read_json(marker), spec.to_dict()
    if not isinstance(found, dict):
        raise ValueError(f'{marker} holds no spec of a SynVI set; choose another folder or delete this one.')
    differences = ', '.join(
        f'{key}={found.get(key)} instead of {value}' for key, value in wanted.items() if found.get(key) != value
    )
    if differences:
        raise ValueError(f'{folder} holds another SynVI set ({differences}); choose another folder or delete this one.')


def _write_part(part: Path, spec: SynVISpec, workers: int | None) -> None:
    if part.exists() and any(part.iterdir()):
        _check_marker(part, spec)
    part.mkdir(exist_ok=True)
    _remove_leftovers(part)
    _write_file(part / MARKER, json.dumps(spec.to_dict(), indent=2).encode())
    for folder in folders(spec):
        (part / folder).mkdir(exist_ok=True)
    for path, text in index_files(spec).items():
        _write_file(part / path, text.encode())
    people = range(1, sum(spec.num_ids) + 1)
    total = sum(len(person_images(spec, pid)) for pid in people)
    if workers is None:
        workers = min(_MAX_WORKERS, _available_cores()) if total >= _SMALL else 1
    print_log(f'Drawing {total} images of SynVI ({spec.layout}, {spec.level}) with {workers} worker(s).', 'current')
    with tqdm(total=total, unit='img', desc='SynVI', mininterval=0.5, disable=None) as bar:
        if workers <= 1:
            for pid in people:
                bar.update(_write_person(part, spec, pid))
        else:
            _write_in_processes(part, spec, people, workers, bar)
    _remove_leftovers(part)  # once more: a dying worker of a killed run may have begun a file meanwhile


def _remove_leftovers(part: Path) -> None:
    for folder in (part, *part.rglob('*/')):
        remove_leftovers(folder)


def _write_in_processes(part: Path, spec: SynVISpec, people: range, workers: int, bar: tqdm) -> None:
    context = multiprocessing.get_context('spawn')
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)
    try:
        for future in as_completed([executor.submit(_write_person, part, spec, pid) for pid in people]):
            bar.update(future.result())
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _start_worker() -> None:
    """Use one OpenCV thread per process, and let workers end when their parent is killed."""
    cv2.setNumThreads(1)
    parent = multiprocessing.parent_process()
    threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


def _available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count() or 1


def _write_person(part: Path, spec: SynVISpec, pid: int) -> int:
    """Write the missing images of one person; return their number."""
    person, images = LEVELS[spec.level].draw_person(spec.seed, pid), person_images(spec, pid)
    for image in images:
        if not (part / image.path).exists():
            pixels = render_image(spec.seed, pid, person, image.camera, image.number, spec.size, image.walk)
            _write_file(part / image.path, _encode(pixels, Path(image.path).suffix, image.camera.jpeg_quality))
    return len(images)


def _encode(pixels, suffix: str, jpeg_quality: int) -> bytes:
    options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality] if suffix == '.jpg' else []
    return cv2.imencode(suffix, pixels[..., ::-1], options)[1].tobytes()


def _write_file(path: Path, content: bytes) -> None:
    """Write a file atomically: it is complete or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = new_part(path)  # a unique name, because a dying worker of a killed run may still be writing
    partial.write_bytes(content)
    os.replace(partial, path)

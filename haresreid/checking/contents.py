"""Checks of file contents: is it an image, its depth and orientation, duplicates, and colours by modality."""

import hashlib
import os
import os.path as osp
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from multiprocessing import Pool
from statistics import median
from typing import NamedTuple

from PIL import Image as PILImage
from tqdm import tqdm

from haresreid.files.images import (
    GREY,
    IMAGE_EXTENSIONS,
    UnknownRangeError,
    colourfulness,
    extremes,
    is_deep,
    open_image,
    orientation,
    read_rgb,
)
from haresreid.structures import Modality

from .finding import Finding, Severity, counted
from .layouts import Image, Subset

__all__ = [
    'Content',
    'check_colours',
    'check_depths',
    'check_duplicates',
    'check_files',
    'check_orientations',
    'examine',
]

PARALLEL_FROM = 600  # images below which starting processes costs more than it saves


class Content(NamedTuple):
    """The content of one file.

    Attributes:
        format: Pillow's name of the format, such as 'JPEG'; None if it is not an image.
        readable: Whether it can be decoded.
        digest: Hash of the file.
        colour: :func:`haresreid.files.images.colourfulness`.
        turned: Whether an EXIF flag asks for the image to be rotated or mirrored.
        counts: Lowest and highest value of a grey image with more than 8 bits; None for all others.
        raw: Whether these are raw counts, which can only be read with a ``thermal_range``.
    """

    format: str | None
    readable: bool
    digest: bytes
    colour: float = 0
    turned: bool = False
    counts: tuple[float, float] | None = None
    raw: bool = False


def examine(root: str, paths: list[str]) -> dict[str, Content]:
    """Read and decode files, in several processes if there are many. Returns path -> content."""
    one = partial(_examine, root)
    if len(paths) < PARALLEL_FROM:
        return dict(zip(paths, map(one, paths)))
    with Pool(min(8, os.cpu_count() or 1)) as pool:
        contents = pool.imap(one, paths, chunksize=32)
        return dict(zip(paths, tqdm(contents, 'decoding', total=len(paths), unit='img', disable=None)))


def _examine(root: str, path: str) -> Content:
    path, content = osp.join(root, path), Content(None, False, b'')
    try:
        with open_image(path) as image, open(path, 'rb') as file:
            digest = hashlib.blake2b(file.read(), digest_size=16).digest()
            content = Content(image.format, False, digest, turned=orientation(image) != 1)
            counts = extremes(image) if is_deep(image) else None
    except ValueError:
        return content
    try:
        return content._replace(readable=True, counts=counts, colour=colourfulness(read_rgb(path)[::8, ::8]))
    except UnknownRangeError:
        return content._replace(readable=True, counts=counts, raw=True)
    except ValueError:
        return content


def check_files(contents: dict[str, Content]) -> Iterator[Finding]:
    """Find files that are not images, cannot be decoded, or have the extension of another format."""
    formats = PILImage.registered_extensions()
    named = {path: content for path, content in contents.items() if path.lower().endswith(IMAGE_EXTENSIONS)}
    extensions = ' '.join(IMAGE_EXTENSIONS)
    again = 'Unpack the data set again.'
    for severity, kind, found, fix, paths in (
        (
            Severity.ERROR,
            'no image',
            'named like an image, but not recognised as one: it is cut off or something else.',
            again,
            [path for path, content in named.items() if content.format is None],
        ),
        (
            Severity.ERROR,
            'unreadable',
            'that cannot be decoded: truncated or damaged.',
            again,
            [path for path, content in named.items() if content.format and not content.readable],
        ),
        (
            Severity.ERROR,
            'wrong extension',
            f'with an image that is never read: only {extensions} are.',
            'Rename or convert such files.',
            [path for path, content in contents.items() if path not in named and content.format],
        ),
        (
            Severity.WARNING,
            'wrong extension',
            'of another format than the extension says; haresreid goes by content.',
            'Compare with the official release.',
            [
                path
                for path, content in named.items()
                if content.readable and formats[osp.splitext(path)[1].lower()] != content.format.replace('MPO', 'JPEG')
            ],
        ),
    ):
        if paths:
            yield Finding(severity, kind, f'{counted(len(paths), "file")} {found}', fix, tuple(paths))


def check_depths(contents: dict[str, Content]) -> Iterator[Finding]:
    """Find grey images with more than 8 bits, whose values may be a camera's raw counts."""
    for raw, severity, kind, found, fix in (
        (
            True,
            Severity.ERROR,
            'raw counts',
            'of raw counts (32-bit, signed or floating-point grey), which are refused',
            'Save them as 8-bit grey, or give LoadReIDImage the counts that are black and white: '
            'thermal_range=(low, high).',
        ),
        (
            False,
            Severity.WARNING,
            'deep grey',
            'of 16-bit grey, of which the high byte is read',
            'If these are counts of a thermal camera, give LoadReIDImage those that are black and white: '
            'thermal_range=(low, high).',
        ),
    ):
        counts = {path: content.counts for path, content in contents.items() if content.counts and content.raw == raw}
        if counts:
            low, high = min(low for low, _ in counts.values()), max(high for _, high in counts.values())
            levels = '' if raw else f', {counted((high >> 8) - (low >> 8) + 1, "grey level")}'
            yield Finding(
                severity,
                kind,
                f'{counted(len(counts), "image")} {found}: values from {low:g} to {high:g}{levels}.',
                fix,
                tuple(counts),
            )


def check_orientations(contents: dict[str, Content]) -> Iterator[Finding]:
    """Find images with an EXIF orientation flag, which training and testing ignore."""
    turned = tuple(path for path, content in contents.items() if content.turned)
    if turned:
        yield Finding(
            Severity.WARNING,
            'orientation flag',
            f'{counted(len(turned), "image")} with an EXIF flag to turn or mirror it. '
            'The flag is ignored: the published protocols read images as they are stored.',
            'See whether people stand upright as stored; where they lie, save the images turned.',
            turned,
        )


def check_duplicates(contents: dict[str, Content], subsets: list[Subset]) -> Iterator[Finding]:
    """Find the same file under two identities, in both modalities, or in both training and test."""
    roles = defaultdict(set)  # image -> {(split, subset)}
    images: dict[str, Image] = {}
    for subset in subsets:
        for image in subset.images:
            images[image.path] = image
            roles[image.path].add((subset.split, subset.name))
    same = defaultdict(list)
    for path, image in images.items():
        if path in contents and contents[path].readable:
            same[contents[path].digest].append(image)
    leaks, modalities, identities = [], [], []
    for group in same.values():
        pair = ' = '.join(image.path for image in group)
        in_roles = set().union(*(roles[image.path] for image in group))
        if len({image.modality for image in group}) > 1:
            modalities.append(pair)
        if len({image.pid for image in group}) > 1:
            leaked = any((split, 'test') in in_roles for split, name in in_roles if name == 'train')
            (leaks if leaked else identities).append(pair)
    fix = 'Find out in the official release which is right.'
    for severity, kind, found, pairs in (
        (Severity.ERROR, 'leak', 'in training and in test', leaks),
        (Severity.ERROR, 'duplicate image', 'in both modalities', modalities),
        (Severity.WARNING, 'duplicate image', 'under several identities', identities),
    ):
        if pairs:
            yield Finding(
                severity, kind, f'{counted(len(pairs), "image")} with the very same bytes {found}.', fix, tuple(pairs)
            )


def check_colours(contents: dict[str, Content], images: Iterable[Image]) -> Iterator[Finding]:
    """Find visible folders without colour, and infrared folders with much colour."""
    colours = defaultdict(list)
    for image in images:
        if image.path in contents and contents[image.path].readable:
            colours[image.modality, image.path.split('/')[0]].append(contents[image.path].colour)
    medians = {folder: median(found) for folder, found in colours.items()}
    visible = [colour for (modality, _), colour in medians.items() if modality == Modality.VISIBLE]
    grey = [folder for (modality, folder), colour in medians.items() if modality == Modality.VISIBLE and colour <= GREY]
    # half the colour of visible images: near-infrared cameras may tint theirs a little
    limit = max(GREY, median(visible) / 2) if visible else GREY
    coloured = [
        folder for (modality, folder), colour in medians.items() if modality == Modality.INFRARED and colour > limit
    ]
    fix = 'See whether visible and infrared folders have been swapped or overwritten.'
    if grey:
        yield Finding(Severity.WARNING, 'odd colours', 'Most images of visible folders are grey.', fix, tuple(grey))
    if coloured:
        yield Finding(
            Severity.WARNING, 'odd colours', 'Most images of infrared folders are coloured.', fix, tuple(coloured)
        )

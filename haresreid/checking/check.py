"""Checking a whole data set."""

import os.path as osp
from contextlib import suppress
from itertools import product
from types import SimpleNamespace

import numpy as np

from haresreid.evaluation.protocols import SYSUProtocol
from haresreid.evaluation.results import data_fingerprint
from haresreid.files.paths import expand_home

from .contents import check_colours, check_depths, check_duplicates, check_files, check_orientations, examine
from .expected import MARKER, PUBLISHED, Expected, expected_of_synvi, read_spec
from .finding import Finding, Severity
from .identities import check_cameras, check_counts, check_identities, check_leaks, check_unlisted, subset_numbers
from .layouts import LAYOUTS, Subset
from .lists import ListReader
from .nesting import find_root, guess_layout, present_folders
from .placement import check_placement, check_strays, is_hidden, is_image_name
from .report import Report
from .tree import scan

__all__ = ['check_dataset']


def check_dataset(data_root: str, name: str | None = None, quick: bool = False) -> Report:
    """Read a whole data set and report every fault. Nothing is written.

    Args:
        data_root (str): Its folder: SYSU-MM01, RegDB, LLCM, HITSZ-VCM or BUPTCampus as released, or a SynVI set.
        name (str, optional): The layout, a key of ``LAYOUTS``. Defaults to the one whose folders exist.
        quick (bool): Check only names, sizes and lists; open no image. Defaults to False.

    Returns:
        Report: The findings, the numbers and the fingerprints.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: ``name`` is not given, and the folder looks like none of the data sets.
    """
    data_root = expand_home(data_root)
    if not osp.isdir(data_root):
        raise FileNotFoundError(f'data root {data_root!r} does not exist; give the folder of the data set.')
    name = name or guess_layout(data_root)
    layout = LAYOUTS[name]
    root, findings = find_root(data_root, layout)
    if root is None:
        return Report(layout.title, data_root, quick, findings=findings)
    title, expected = _expected(root, name, findings)

    tree = scan(root, present_folders(root, layout))
    images = [image for image in map(layout.locate, filter(is_image_name, tree.files)) if image]
    reader = ListReader(tree, layout.list_form)
    subsets = layout.subsets(reader, images)
    galleries = _gallery_sizes(root, subsets[-1]) if name == 'sysu' else {}
    contents = (
        {}
        if quick
        else examine(
            root,
            [
                path
                for path, size in tree.files.items()
                if size > 0 and not is_hidden(path) and path.split('/')[0] in layout.entry.folders
            ],
        )
    )

    # causes before consequences
    if any(entry in tree.folders or entry in tree.files for entry in layout.entry.lists):
        findings += reader.findings()
    findings += check_placement(tree, layout)
    findings += check_files(contents)
    findings += check_depths(contents)
    findings += check_orientations(contents)
    findings += check_duplicates(contents, subsets)
    findings += check_leaks(subsets)
    findings += check_identities(subsets, tree)
    findings += check_cameras(layout, subsets, expected, tree)
    findings += check_counts(layout, subsets, galleries, expected)
    findings += check_unlisted(layout, subsets, images)
    findings += check_colours(contents, images)
    disguised = {path for path, content in contents.items() if content.format and not is_image_name(path)}
    findings += check_strays(tree, layout, disguised)

    complete = [subset for subset in subsets if subset.complete]
    fingerprints = {
        subset.key: data_fingerprint(_as_loaded(root, subset))
        for subset in complete
        if subset.images and all(image.path in tree.files for image in subset.images)
    }
    numbers = {subset.key: subset_numbers(subset) for subset in complete}
    unit = 'track' if layout.entry.tracks else 'image'
    return Report(title, root, quick, len(images), numbers, galleries, fingerprints, findings, unit)


def _expected(root: str, name: str, findings: list[Finding]) -> tuple[str, Expected]:
    """The set's title and its expected numbers: from its own spec for a SynVI set, else as published."""
    title = LAYOUTS[name].title
    try:
        spec = read_spec(root)
        if spec and spec.layout != name:
            raise ValueError(f'{MARKER} says that this is the layout {spec.layout!r}')
    except ValueError as error:
        findings.append(
            Finding(
                Severity.ERROR,
                'marker',
                f'{error}; the numbers are not checked.',
                'Draw the set again with haresreid synvi.',
                (MARKER,),
            )
        )
        return title, Expected()
    return (f'SynVI ({title} layout)', expected_of_synvi(spec)) if spec else (title, PUBLISHED[name])


def _as_loaded(root: str, subset: Subset) -> SimpleNamespace:
    """The subset with the attributes of a loaded data set."""
    return SimpleNamespace(
        img_paths=[osp.join(root, image.path) for image in subset.items],
        pids=np.array([image.pid for image in subset.items]),
        camids=np.array([image.camid for image in subset.items]),
        modalities=np.array([int(image.modality) for image in subset.items]),
    )


def _gallery_sizes(root: str, test: Subset) -> dict[str, int]:
    """Gallery images of one trial of every SYSU-MM01 protocol."""
    images, sizes = _as_loaded(root, test), {}
    for mode, shots in product(SYSUProtocol.cameras, (1, 10)):
        protocol = SYSUProtocol(mode, shots)
        with suppress(ValueError):  # nothing to draw from, which is reported separately
            sizes[protocol.name] = len(protocol.draw(images, 0)[1])
    return sizes

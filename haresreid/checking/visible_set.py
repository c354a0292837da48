"""Checking the training images of a visible data set."""

import os.path as osp
from types import SimpleNamespace

import numpy as np

from haresreid.datasets.layout import require_layout
from haresreid.datasets.visible_sets import VISIBLE_SETS
from haresreid.evaluation.results import data_fingerprint
from haresreid.files.paths import expand_home
from haresreid.structures import Modality

from .contents import check_depths, check_duplicates, check_files, check_orientations, examine
from .finding import Finding, Severity, counted
from .layouts import Image, Subset
from .report import Report

__all__ = ['check_visible_set']


def check_visible_set(data_root: str, name: str, quick: bool = False) -> Report:
    """Read all training images of a visible data set and report every fault. Nothing is written.

    Args:
        data_root (str): Its folder.
        name (str): A key of :data:`haresreid.datasets.visible_sets.VISIBLE_SETS`.
        quick (bool): Check only names and numbers; open no image. Defaults to False.

    Raises:
        FileNotFoundError: There is no such folder, or it lacks that of the training images.
    """
    data_root, layout = expand_home(data_root), VISIBLE_SETS[name]
    title = layout.METAINFO['dataset']
    require_layout(title, data_root, (layout.FOLDER,))
    paths = [osp.relpath(path, data_root).replace(osp.sep, '/') for path in layout.image_paths(data_root)]
    read = {path: layout.read_name(path) for path in paths}
    images = [Image(path, *labels, Modality.VISIBLE) for path, labels in read.items() if labels]
    train = Subset('train', None, images, {}, True)
    contents = {} if quick else examine(data_root, [path for path in paths if osp.getsize(osp.join(data_root, path))])

    findings = []
    if nameless := tuple(path for path, labels in read.items() if labels is None):
        findings.append(
            Finding(
                Severity.ERROR,
                'odd name',
                f'{counted(len(nameless), "image")} whose name does not say identity and camera.',
                f'Names look like {layout.EXAMPLE}; take the files from the official release again.',
                nameless,
            )
        )
    if empty := tuple(path for path in paths if not osp.getsize(osp.join(data_root, path))):
        findings.append(
            Finding(
                Severity.ERROR,
                'empty file',
                f'{counted(len(empty), "empty file")}.',
                'Unpack the data set again.',
                empty,
            )
        )
    findings += check_files(contents)
    findings += check_depths(contents)
    findings += check_orientations(contents)
    findings += check_duplicates(contents, [train])
    numbers = dict(ids=len({image.pid for image in images}), visible=len(images), infrared=0, images=len(images))
    wrong = [
        f'{numbers[key]:,} {key} (expected {number:,})'
        for key, number in layout.COUNTS['train'].items()
        if numbers[key] != number
    ]
    if wrong:
        findings.append(
            Finding(
                Severity.ERROR,
                'wrong number',
                f'The training images have {", ".join(wrong)}.',
                'Unpack the data set again.',
                (layout.FOLDER,),
            )
        )
    loaded = SimpleNamespace(
        img_paths=[osp.join(data_root, image.path) for image in images],
        pids=np.array([image.pid for image in images]),
        camids=np.array([image.camid for image in images]),
        modalities=np.zeros(len(images), int),
    )
    fingerprints = dict(train=data_fingerprint(loaded)) if images else {}
    return Report(title, data_root, quick, len(paths), dict(train=numbers), {}, fingerprints, findings)

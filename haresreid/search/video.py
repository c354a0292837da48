"""People of a video into an index: one row for each track, with a picture of each person on the disk."""

import os
import warnings
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from haresreid import apis
from haresreid.apis.inferencer import guess_modality
from haresreid.files.files import make_folder, written_whole
from haresreid.files.heads import shown
from haresreid.files.text_files import read_text
from haresreid.structures import Modality
from haresreid.video import Tracklet, Video, VideoBoxes, tracklets
from haresreid.video.box_files.csv import box_csv_text
from haresreid.video.boxes import NO_TRACK

from .columns import TRACK_COLUMNS
from .crops import BEST, TRACKS, crops_of
from .extend import Extended
from .file_names import canonical_names
from .gallery import Gallery
from .index_model import index_model
from .open_gallery import create_gallery

__all__ = ['add_video', 'crops_folder']

CHUNK = 64  # tracks between two appends: so much is lost when the process is killed


def crops_folder(folder: str, video: str) -> Path:
    """Where the crops of a video are kept: beside the index, by its name and its path, since two may share a name."""
    crops = crops_of(folder)
    if crops is None:
        raise ValueError(f'{folder} is no folder, so say with --crops where pictures of the people are kept')
    path = canonical_names([os.path.abspath(video)])[0]
    return Path(crops, f'{Path(path).stem}-{sha256(os.fsencode(path)).hexdigest()[:8]}')


def add_video(
    index: Gallery | None,
    folder: str,
    video: Video,
    boxes: VideoBoxes,
    crops: str | Path,
    camera: int | None = None,
    start: float | None = None,
    modality: int | None = None,
    kind: str = 'exact',
    model: str | None = None,
    weights: str | None = None,
    device: str | None = None,
) -> Extended:
    """Append one row for each track that is not in the index yet.

    Its vector is the mean of its crops' features, weighted by their quality. Its path is the best crop,
    ``<crops>/<track>/best.jpg``; the others lie beside it. Its time is that of the best crop,
    and ``first_seen`` and ``last_seen`` are those of its first and last box, if the gallery has these columns.

    Args:
        index (Gallery, optional): None makes one.
        folder (str): URI of the index.
        video (Video): The video.
        boxes (VideoBoxes): Its people, with tracks.
        crops (str | Path): Where crops are written, and ``tracks.csv``: the boxes with their tracks.
        camera (int, optional): Defaults to None, unknown.
        start (float, optional): POSIX seconds of the first frame. Defaults to None, unknown.
        modality (int, optional): 0 visible, 1 infrared. Defaults to None: guessed by colour, by most crops of a track.
        kind (str): Of an index that is made. Defaults to 'exact'.
        model (str, optional): See :func:`haresreid.search.index_model.index_model`. Defaults to None.
        weights (str, optional): The same.
        device (str, optional): Where the model runs. Defaults to None: the GPU, if there is one.

    Raises:
        ValueError: If there is no track, the folder holds other tracks, a box does not fit the video, or the model is
            not the one of the index.
    """
    model, info = index_model(folder, {} if index is None else index.info, model, weights)
    tracks = [track for track in np.unique(boxes.tracks).tolist() if track != NO_TRACK]
    if not tracks:
        raise ValueError(f'{video.path}: none of its {len(boxes)} boxes has a track, so there is nobody to add')
    _keep_tracks(Path(crops, TRACKS), boxes)
    names = canonical_names([os.path.abspath(Path(crops, f'{track:06d}', BEST)) for track in tracks])
    new = range(len(tracks)) if index is None else index.new_files(names)
    path_of = {tracks[row]: names[row] for row in new}
    wanted = replace(boxes, tracks=np.where(np.isin(boxes.tracks, list(path_of)), boxes.tracks, NO_TRACK))
    inferencer: Any = apis.VIReIDInferencer(model, weights, device) if path_of else None
    added, guessed = 0, [0, 0]
    found = _counted(tracklets(video, wanted), len(path_of))
    while part := list(islice(found, CHUNK)):
        modalities = [_modality(tracklet) if modality is None else modality for tracklet in part]
        features = _features(inferencer, part, modalities)  # (n, D)
        for tracklet, number in zip(part, modalities):
            guessed[number] += 1
            _save(tracklet, Path(path_of[tracklet.track]))
        if index is None:
            index = create_gallery(folder, features.shape[1], kind, info, TRACK_COLUMNS)
        paths = [path_of[tracklet.track] for tracklet in part]
        seconds = [(tracklet.best.seconds, tracklet.first, tracklet.last) for tracklet in part]
        times, first, last = zip(*([None if start is None else start + second for second in row] for row in seconds))
        columns = {} if 'first_seen' not in index.columns else dict(first_seen=first, last_seen=last)
        numbers = [tracklet.track for tracklet in part]
        added += len(
            index.append(features, paths, camera, times, modalities, tracks=numbers, columns=columns, new_only=True)
        )
    if modality is None and added:
        warnings.warn(
            f'No modality was given. Guessed by colour: {guessed[0]} visible and {guessed[1]} infrared tracks. Say '
            'with --modality which they are if that is wrong.',
            stacklevel=2,
        )
    assert index is not None  # for a new one there is a track at least
    return Extended(index, added, len(tracks) - added)


def _keep_tracks(file: Path, boxes: VideoBoxes) -> None:
    """Write the tracks down. Other tracks would have the numbers, and so the pictures, of those that are there."""
    text = box_csv_text(boxes)
    if not file.is_file():
        make_folder(file.parent)
        with written_whole(file) as part:
            part.write_text(text, encoding='utf-8')
    elif read_text(file) != text:
        raise ValueError(
            f'{file} holds other tracks than those found now, by another tracker or from other boxes: give another '
            '--crops, or remove that folder and delete its tracks from the gallery'
        )


def _modality(tracklet: Tracklet) -> int:
    infrared = [guess_modality(crop.pixels) is Modality.INFRARED for crop in tracklet.crops]
    return int(2 * sum(infrared) > len(infrared))


def _features(inferencer: Any, part: list[Tracklet], modalities: list[int]) -> np.ndarray:
    pixels = [crop.pixels for tracklet in part for crop in tracklet.crops]
    counts = [len(tracklet.crops) for tracklet in part]
    features = inferencer(pixels, np.repeat(modalities, counts).tolist(), progress=False).features  # (crops, D)
    by_track = np.split(features, np.cumsum(counts)[:-1])
    return np.stack([tracklet.pool(rows) for tracklet, rows in zip(part, by_track)])  # (n, D)


def _save(tracklet: Tracklet, best: Path) -> None:
    """Write the crops into the track's folder, each named by its frame, and the best one once more."""
    best.parent.mkdir(parents=True, exist_ok=True)
    for crop in tracklet.crops:
        Image.fromarray(shown(crop.pixels)).save(best.with_name(f'{crop.frame:06d}.jpg'), quality=95)
    Image.fromarray(shown(tracklet.best.pixels)).save(best, quality=95)


def _counted(found: Iterator[Tracklet], total: int) -> Iterator[Tracklet]:
    try:
        from tqdm import tqdm
    except ImportError:
        return found
    return iter(tqdm(found, desc='tracks', unit='track', total=total, disable=None))

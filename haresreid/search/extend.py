"""Images, or features that were computed before, into an index: one that is there, or a new one."""

from pathlib import Path
from typing import Any, NamedTuple

from haresreid import apis
from haresreid.apis import Features
from haresreid.files.array_files import ArrayFile

from .columns import TRACK_COLUMNS, row_columns
from .detections import Detections
from .file_names import new_names
from .gallery import Gallery
from .index_model import index_model
from .open_gallery import create_gallery

__all__ = ['Extended', 'add_features', 'add_images']

CHUNK = 5000  # images between two appends: so much is lost when the process is killed


class Extended(NamedTuple):
    """A gallery, how many rows it got, and how many images were left out, in it already or listed twice."""

    gallery: Gallery
    added: int
    known: int


def add_images(
    index: Gallery | None,
    folder: str,
    detections: Detections,
    kind: str = 'exact',
    model: str | None = None,
    weights: str | None = None,
    device: str | None = None,
) -> Extended:
    """Compute the features of images and append them; those that cannot be read are left out with a warning.

    Args:
        index (Gallery, optional): None makes one.
        folder (str): URI of the index.
        detections (Detections): The images, under canonical names. Their modality is known of all or of none.
        kind (str): Of an index that is made. Defaults to 'exact'.
        model (str, optional): See :func:`haresreid.search.index_model.index_model`. Defaults to None.
        weights (str, optional): The same.
        device (str, optional): Where the model runs. Defaults to None: the GPU, if there is one.

    Raises:
        ValueError: The modality of some images is missing, or the model is not the one of the index.
    """
    known = [modality is not None for modality in detections.modalities]
    if any(known) and not all(known):
        raise ValueError(
            f'the modality of {detections.paths[known.index(False)]} is not given, and that of others is: '
            'give it of all images or of none'
        )
    model, info = index_model(folder, {} if index is None else index.info, model, weights)
    # of a file that is listed twice, the first
    new = new_names(detections.paths, set()) if index is None else index.new_files(detections.paths)
    inferencer: Any = apis.VIReIDInferencer(model, weights, device) if new else None
    added = unreadable = 0
    for start in range(0, len(new), CHUNK):
        part = detections[new[start : start + CHUNK]]
        features = inferencer(part.paths, part.modalities if all(known) else None, unreadable='skip')
        rows = {path: row for row, path in enumerate(part.paths)}
        if index is None:
            index = create_gallery(folder, features.features.shape[1], kind, info, TRACK_COLUMNS)
        unreadable += len(part) - len(features)
        part = part[[rows[path] for path in features.paths]]  # without those that cannot be read, which a warning names
        # others may add at the same time
        added += len(
            index.append(
                features.features,
                part.paths,
                part.cameras,
                part.times,
                features.modalities,
                tracks=part.tracks,
                new_only=True,
            )
        )
    assert index is not None  # for a new one there is an image at least
    return Extended(index, added, len(detections) - unreadable - added)


def add_features(
    index: Gallery | None, folder: str, file: str, features: Features, detections: Detections, kind: str = 'exact'
) -> Extended:
    """Append the features of a file, with the cameras that it has, or else those of the detections.

    Args:
        index (Gallery, optional): None makes one.
        folder (str): URI of the index.
        file (str): The ``.npz`` file.
        features (Features): What :meth:`haresreid.apis.Features.load` read from it.
        detections (Detections): Of its images, under canonical names.
        kind (str): Of an index that is made. Defaults to 'exact'.

    Raises:
        ValueError: A camera, time, modality or track of the file cannot be kept. Nothing has been made then.
    """
    arrays = ArrayFile(file)
    if 'camids' in arrays:
        detections.cameras = arrays['camids'].ravel().tolist()
    columns = dict(
        cameras=detections.cameras, times=detections.times, modalities=features.modalities, tracks=detections.tracks
    )
    try:
        row_columns(len(features), **columns)
    except ValueError as error:
        raise ValueError(f'{file}: {error}') from None
    if index is None:
        index = create_gallery(folder, features.features.shape[1], kind, dict(features=Path(file).name), TRACK_COLUMNS)
    added = len(index.append(features.features, detections.paths, **columns, new_only=True))
    return Extended(index, added, len(detections) - added)

"""The pictures of a track that a command has cut out of a video."""

from pathlib import Path

__all__ = ['BEST', 'TRACKS', 'crops_beside', 'crops_of', 'track_pictures']

BEST, TRACKS = 'best.jpg', 'tracks.csv'  # the best crop of a track; beside the folders of tracks, where their boxes are


def crops_of(uri: str) -> Path | None:
    """Where commands keep the crops of a gallery's videos unless told otherwise: beside it; None if it is no folder."""
    folder = uri.removeprefix('lancedb://').rstrip('/')
    return None if '://' in folder else Path(f'{folder}_crops')


def crops_beside(path: str) -> list[Path]:
    """The crops of a track by frame; none if the file is no best crop that a command has written.

    Args:
        path (str): The file of a row, ``<crops>/<track>/best.jpg`` of a track.
    """
    return [file for file in track_pictures(path) if file.name != BEST]


def track_pictures(path: str) -> list[Path]:
    """The same, with the best crop at the end. They may remain without it, if a deletion was interrupted."""
    best = Path(path)
    if best.name != BEST or not best.parent.name.isdecimal() or not (best.parents[1] / TRACKS).is_file():
        return []
    return sorted(file for file in best.parent.glob('*.jpg') if file.stem.isdecimal() or file.name == BEST)

"""Camera, time, modality and track of image files: from a CSV file, or from their paths by a pattern."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timezone, tzinfo
from pathlib import Path

from haresreid.files.csv_files import read_csv
from haresreid.files.numbers import INT32_MAX, is_unknown, whole_number
from haresreid.files.paths import expand_home

from .columns import modality_number, track_number
from .times import to_posix

__all__ = ['Detections', 'list_detections', 'match_detections']

COLUMNS = ('camera', 'time', 'modality', 'track')


@dataclass
class Detections:
    """What is known about N images; None where it is unknown.

    Attributes:
        paths (list[str]): The files.
        cameras (list[int | None]): Camera numbers.
        times (list[float | None]): POSIX seconds.
        modalities (list[int | None]): 0 visible, 1 infrared.
        tracks (list[int | None]): Images of one camera and track number show one walk.
    """

    paths: list[str]
    cameras: list[int | None]
    times: list[float | None]
    modalities: list[int | None]
    tracks: list[int | None]

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, rows: slice | Sequence[int]) -> 'Detections':
        rows = range(len(self))[rows] if isinstance(rows, slice) else rows
        return Detections(*([column[row] for row in rows] for column in vars(self).values()))


def list_detections(file: str | Path, zone: tzinfo = timezone.utc) -> Detections:
    """Read a CSV file.

    .. code-block:: text

        path,camera,time,modality,track
        crops/000001.jpg,3,2026-11-24T22:15:00+01:00,infrared,17

    Args:
        file (str | Path): A file for :func:`haresreid.files.csv_files.read_csv`; its paths are relative to its folder.
            All columns except ``path`` may be missing; empty or NaN entries mean unknown. Cameras are 32-bit integers,
            times are those of :func:`to_posix`.
        zone (tzinfo): That of times without an offset. Defaults to UTC.

    Raises:
        FileNotFoundError: If the file or an image is missing.
        ValueError: If a column is missing or unknown, there is no line, or an entry cannot be read.
    """
    file = Path(expand_home(file))
    if not file.is_file():
        raise FileNotFoundError(
            f'there is no list {file}; it is a CSV file with the columns path,camera,time,modality,track'
        )
    detections = Detections([], [], [], [], [])
    for number, cells in read_csv(file, ('path',), COLUMNS):
        if not cells['path']:
            raise ValueError(f'{file}, line {number}: there is no path')
        _add(detections, str(file.parent / cells['path']), cells, zone, f'{file}, line {number}')
    if not len(detections):
        raise ValueError(f'{file} lists no image')
    missing = [path for path in detections.paths if not Path(path).is_file()]
    if missing:
        raise FileNotFoundError(
            f'{file}: {len(missing)} of {len(detections)} images do not exist, the first is '
            f'{missing[0]}; paths are relative to the folder of the list'
        )
    return detections


def match_detections(
    paths: Sequence[str], pattern: str | None, zone: tzinfo = timezone.utc, unmatched: str = 'raise'
) -> Detections:
    r"""Read camera, time, modality and track from paths.

    Args:
        paths (Sequence[str]): The files.
        pattern (str, optional): A regular expression that is searched in each path, with any of the groups
            ``(?P<camera>...)``, ``(?P<time>...)``, ``(?P<modality>...)``, ``(?P<track>...)``. With None, everything is
            unknown.
        zone (tzinfo): That of times without an offset. Defaults to UTC.
        unmatched (str): 'raise' makes paths without the pattern an error; 'skip' leaves them out. Defaults to 'raise'.

    Raises:
        ValueError: If the pattern is invalid, is not found in a path (or, with 'skip', in any), or a group is not a
            camera, time, modality or track.

    Examples:
        >>> match_detections(['cam3/2026-11-24_22-15-00.jpg'], r'cam(?P<camera>\\d+)/(?P<time>.*)\\.jpg').cameras
        [3]
    """
    detections = Detections([], [], [], [], [])
    try:
        compiled = re.compile(pattern or '')
    except re.error as error:
        raise ValueError(f"the pattern '{pattern}' is no regular expression: {error}") from None
    unknown = set(compiled.groupindex) - set(COLUMNS)
    if unknown or (pattern and not compiled.groupindex):
        raise ValueError(
            f"the pattern '{pattern}' has the groups {sorted(compiled.groupindex)}: give it some of "
            '(?P<camera>...), (?P<time>...), (?P<modality>...), (?P<track>...)'
        )
    missed = []
    for path in paths:
        if match := compiled.search(path):
            _add(detections, path, match.groupdict(), zone, repr(path))
        else:
            missed.append(path)
    if missed and (unmatched == 'raise' or not len(detections)):
        raise ValueError(
            f'{len(missed)} of {len(paths)} paths do not match --pattern {shlex.quote(pattern or "")}, the first is '
            f'{missed[0]!r}: change the pattern, or leave them out with --skip-unmatched'
        )
    return detections


def _add(detections: Detections, path: str, entries: dict, zone: tzinfo, where: str) -> None:
    camera, time, modality, track = (None if is_unknown(entries.get(column)) else entries[column] for column in COLUMNS)
    try:
        for column, value in zip(
            vars(detections).values(),
            (
                path,
                None if camera is None else whole_number(camera, 0, INT32_MAX, 'camera'),
                None if time is None else to_posix(time, zone),
                None if modality is None else modality_number(modality),
                None if track is None else track_number(track),
            ),
        ):
            column.append(value)
    except ValueError as error:
        raise ValueError(f'{where}: {error}') from None

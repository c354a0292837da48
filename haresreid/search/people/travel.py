"""The least time from one camera to another."""

from pathlib import Path

from haresreid.files.csv_files import read_csv
from haresreid.files.numbers import INT32_MAX, finite_number, whole_number

__all__ = ['read_travel_times']


def read_travel_times(file: str | Path) -> dict[tuple[int, int], float]:
    """Read a CSV file with the columns ``camera,other,seconds``, a line for each pair of cameras.

    .. code-block:: text

        camera,other,seconds
        1,2,20
        1,1,5

    Nobody is seen in one camera less than so many seconds after or before the other, in either direction. The second
    line says that nobody comes back to camera 1 so soon.

    Args:
        file (str | Path): A file for :func:`haresreid.files.csv_files.read_csv`.

    Returns:
        dict[tuple[int, int], float]: Seconds by pair, the smaller camera first.

    Raises:
        ValueError: If a cell is invalid, or a pair stands there twice.
    """
    travel: dict[tuple[int, int], float] = {}
    for number, cells in read_csv(file, ('camera', 'other', 'seconds')):
        try:
            one, other = sorted(whole_number(cells[name], 0, INT32_MAX, 'camera') for name in ('camera', 'other'))
            seconds = finite_number(cells['seconds'], 'seconds')
            if seconds < 0:
                raise ValueError(f'seconds {seconds:g} are less than 0')
            if (one, other) in travel:
                raise ValueError(f'the cameras {one} and {other} stand there twice')
        except ValueError as error:
            raise ValueError(f'{file}, line {number}: {error}') from None
        travel[one, other] = seconds
    return travel

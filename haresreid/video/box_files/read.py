"""The boxes of a file of any known format."""

import re
from pathlib import Path

from haresreid.files.text_files import read_text
from haresreid.video.boxes import VideoBoxes

from .csv import read_box_csv
from .cvat import read_cvat
from .mot import read_mot

__all__ = ['read_boxes']


def read_boxes(path: str | Path) -> VideoBoxes:
    """Read a CSV file with named columns, a MOT file or a CVAT file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it has none of these formats, or an entry cannot be read.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'There is no file of boxes {path}.')
    start = read_text(path).lstrip()[:200]
    read = read_cvat if start.startswith('<') else read_mot if re.match(r'[-\d.]+\s*,', start) else read_box_csv
    try:
        return read(path)
    except ValueError as error:
        raise error if str(path) in str(error) else ValueError(f'{path}: {error}') from None

"""Parts of a report's section: tables, pictures, and sentences that say why something is missing."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure

from haresreid.files.images import open_image, to_rgb
from haresreid.visualization.style import STYLE

__all__ = ['Block', 'NotShown', 'Picture', 'Section', 'Table', 'picture_of_figure', 'picture_of_file', 'why']

# Pixels of the page per inch of a figure, so that its 7 point letters are as large as the page's small print.
PIXELS_PER_INCH = 125
# A larger SVG has so many lines that pixels show them equally well.
MAX_SVG = 1_000_000
JPEG_QUALITY = 90


@dataclass(frozen=True)
class Table:
    """A table of text cells.

    Attributes:
        head: A title per column, or nothing.
        rows: Cells; the first of each row is its label.
        caption: What the table shows.
        numeric: Whether the cells after the label are numbers, which are right-aligned.
        strong: Labels of the rows to emphasise.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ''
    numeric: bool = False
    strong: Sequence[str] = ()


@dataclass(frozen=True)
class Picture:
    """An image inside the page.

    Attributes:
        source: A data URI.
        width: Width in pixels of the page.
        alt: Description for readers who cannot see it.
        caption: What it shows and how to read it.
    """

    source: str = field(repr=False)
    width: int
    alt: str
    caption: str = ''


@dataclass(frozen=True)
class NotShown:
    """One sentence that says why something is missing."""

    reason: str


def why(error: Exception) -> str:
    """An error as one sentence. Errors of the input are sentences already; others are prefixed with their type."""
    text = (str(error).strip() or 'no message').splitlines()[-1].rstrip('.') + '.'
    return text if isinstance(error, (OSError, ValueError)) else f'{type(error).__name__}: {text}'


Block = Table | Picture | NotShown


@dataclass(frozen=True)
class Section:
    """A section: a title and its parts."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """Target of the link in the table of contents."""
        return self.title.lower().replace(' ', '-')


def picture_of_figure(figure: Figure, alt: str, caption: str = '', photographs: bool = False) -> Picture:
    """Embed a figure: lines as SVG (as PNG if there are very many), photographs as JPEG.

    Args:
        figure (Figure): A figure from :mod:`haresreid.visualization`.
        alt (str): See :class:`Picture`.
        caption (str): See :class:`Picture`. Defaults to none.
        photographs (bool): Whether it shows images. Defaults to False.
    """
    if photographs:
        kind, content = 'jpeg', _saved(figure, 'jpeg', pil_kwargs=dict(quality=JPEG_QUALITY))
    else:
        kind, content = 'svg+xml', _saved(figure, 'svg')
        if len(content) > MAX_SVG:
            kind, content = 'png', _saved(figure, 'png')
    return Picture(_data_uri(kind, content), round(figure.get_figwidth() * PIXELS_PER_INCH), alt, caption)


def picture_of_file(file: Path, alt: str, caption: str = '') -> Picture:
    """Embed a PNG full of photographs, as JPEG.

    Args:
        file (Path): A file written by :func:`save_figure`.
        alt (str): See :class:`Picture`.
        caption (str): See :class:`Picture`. Defaults to none.

    Raises:
        ValueError: If it cannot be read.
    """
    content = io.BytesIO()
    with open_image(file) as image:
        to_rgb(image).save(content, format='jpeg', quality=JPEG_QUALITY)
        inches = image.width / image.info.get('dpi', (150, 150))[0]
    return Picture(_data_uri('jpeg', content.getvalue()), round(inches * PIXELS_PER_INCH), alt, caption)


@rc_context(STYLE)
def _saved(figure: Figure, kind: str, **options) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format=kind, dpi=200, **options)
    return content.getvalue()


def _data_uri(kind: str, content: bytes) -> str:
    return f'data:image/{kind};base64,{base64.b64encode(content).decode()}'

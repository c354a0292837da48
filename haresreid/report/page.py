"""A report as one HTML file that needs nothing beside it."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import jinja2

import haresreid

from .blocks import Section

__all__ = ['render']


def render(title: str, sections: Sequence[Section], script: str = '') -> str:
    """Lay out sections on a page.

    The page contains its style and images, and runs no script but the given one. Its content security policy forbids
    the browser to load anything. Every text is escaped.

    Args:
        title (str): Title of the page.
        sections (Sequence[Section]): Sections in their order.
        script (str): JavaScript of ours. Defaults to none.

    Returns:
        str: HTML.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template('page.html').render(
        title=title,
        sections=sections,
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        version=haresreid.__version__,
        now=datetime.now().strftime('%Y-%m-%d %H:%M'),
    )

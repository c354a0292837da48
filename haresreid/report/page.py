"""A report as one HTML file that needs nothing beside it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import jinja2

import haresreid

from .blocks import Section

__all__ = ['render']


def render(title: str, sections: Sequence[Section]) -> str:
    """Lay sections out on a page.

    The page holds its style and images, runs no script, and forbids the browser to load anything (its content security
    policy), whatever stands in the sections: every text is escaped.

    Args:
        title (str): Of the page.
        sections (Sequence[Section]): In their order.

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
        title=title, sections=sections, version=haresreid.__version__, now=datetime.now().strftime('%Y-%m-%d %H:%M')
    )

"""Paths: ``~`` is the home folder, and configs come with the package. Imports nothing slow."""

import os
from pathlib import Path

__all__ = ['CONFIGS', 'CONFIG_ROOT', 'PROGRAM', 'expand_home', 'from_here']

PACKAGE = Path(__file__).parents[1]
# a wheel holds configs/ inside the package; a checkout has it beside the package, where users change it
CONFIG_ROOT = PACKAGE if (PACKAGE / 'configs').is_dir() else PACKAGE.parent
CONFIGS = CONFIG_ROOT / 'configs'
PROGRAM = PACKAGE / '__main__.py'  # the command haresreid, to be run in a separate process


def expand_home(path: str | os.PathLike[str]) -> str:
    """Replace ``~`` or ``~user`` at the beginning of a path by that home folder; any other text is returned as it is.

    Everything that takes a path from a user calls this, for reading and for writing: a shell does not expand
    ``--out=~/x``, and Python would create a folder called ``~``.

    Args:
        path (str | os.PathLike[str]): A path, a name or an address.

    Raises:
        ValueError: If there is no such home folder.

    Examples:
        >>> expand_home('configs/x.py'), expand_home('a/~/b')
        ('configs/x.py', 'a/~/b')
    """
    text = os.fspath(path)
    expanded = os.path.expanduser(text)
    if text.startswith('~') and expanded == text:
        raise ValueError(
            f'{text}: there is no home folder {text.split("/")[0]}; if this is the name of a file or '
            f'folder, write ./{text}'
        )
    return expanded


def from_here(path: str | os.PathLike[str]) -> Path:
    """A path as a person would type it: relative if it is below the working directory, otherwise unchanged."""
    path = Path(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

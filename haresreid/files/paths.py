"""Where files lie: ``~`` is the home folder, and configs come with the package. Imports nothing that takes long."""

import os
from pathlib import Path

__all__ = ['CONFIGS', 'CONFIG_ROOT', 'PROGRAM', 'expand_home', 'from_here']

PACKAGE = Path(__file__).parents[1]
# a wheel holds configs/ inside the package; a checkout has it beside the package, where users change it
CONFIG_ROOT = PACKAGE if (PACKAGE / 'configs').is_dir() else PACKAGE.parent
CONFIGS = CONFIG_ROOT / 'configs'
PROGRAM = PACKAGE / '__main__.py'  # the command haresreid, for a process of its own


def expand_home(path: str | os.PathLike[str]) -> str:
    """A path whose ``~`` or ``~user`` at the beginning is replaced by that home folder; any other text as it is.

    Whatever takes a path from a user calls this, for reading and for writing: a shell leaves ``--out=~/x`` as it is,
    and Python would make a folder called ``~``.

    Args:
        path (str | os.PathLike[str]): A path, a name or an address.

    Raises:
        ValueError: There is no such home folder.

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
    """A path as a person types it: relative where it lies below the working directory, else as it is."""
    path = Path(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path

"""Packages that only some commands need."""

import importlib.util

__all__ = ['require_extra']


def require_extra(module: str, extra: str) -> None:
    """Raise an error unless the package of an extra is installed.

    Args:
        module (str): The module to import, e.g. 'sklearn'.
        extra (str): The extra of haresreid that installs it, e.g. 'figures'.

    Raises:
        ValueError: If it is not installed; the message says how to install it.
    """
    if importlib.util.find_spec(module) is None:
        raise ValueError(f'this needs the package {module!r}, which is not installed: pip install -e ".[{extra}]"')

"""Lets a config in any folder inherit one that comes with haresreid.

MMEngine <= 0.10.7 looks for the base ``from haresreid.configs.haresformer_sysu import *`` with pkg_resources, which
setuptools no longer has. In a clone ``configs/`` is also beside the package, not in it.
"""

import ast
from collections.abc import Callable
from pathlib import Path

from mmengine.config import config

from haresreid.files.paths import CONFIG_ROOT, CONFIGS
from haresreid.files.text_files import read_text

__all__ = ['explain_base', 'installed_path']


def installed_path(package: str, get_installed_path: Callable[[str], str] = config.get_installed_path) -> str:
    """The folder of a package; for haresreid, the one that holds ``configs/``."""
    return str(CONFIG_ROOT) if package == 'haresreid' else get_installed_path(package)


config.get_installed_path = installed_path


def explain_base(file: Path, error: Exception) -> str:
    """What to write instead of ``_base_``, if a config failed because its base is one that is imported; else ''.

    Args:
        file (Path): The config.
        error (Exception): From reading it.
    """
    if 'inheritance chain' not in str(error):
        return ''
    nodes = [node for node in ast.parse(read_text(file)).body if isinstance(node, ast.Assign)]
    named = [ast.unparse(node.value) for node in nodes if ast.unparse(node.targets[0]) == '_base_']
    try:
        bases = ast.literal_eval(named[0])
        base = Path(file.parent, bases if isinstance(bases, str) else bases[0]).resolve()
    except (IndexError, TypeError, ValueError):  # the _base_ is in a base of the file, or is no plain name
        return 'has a _base_, itself or further up, that is inherited by import: write with read_base(): from ...'
    place = base.relative_to(CONFIGS.resolve().parent) if base.is_relative_to(CONFIGS.resolve()) else None
    module = f'haresreid.{".".join(place.with_suffix("").parts)}' if place else f'.{base.stem}'
    return (
        f'names {base.name} as its _base_, which is inherited by import: write "from mmengine.config import read_base" '
        f'and "with read_base(): from {module} import *" instead'
    )

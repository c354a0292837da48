"""Lets a config in any folder inherit one that comes with haresreid.

MMEngine <= 0.10.7 looks for the base ``from haresreid.configs.haresformer_sysu import *`` with pkg_resources, which
setuptools no longer has. In a clone ``configs/`` is also beside the package, not in it.
"""

from collections.abc import Callable

from mmengine.config import config

from haresreid.files.paths import CONFIG_ROOT

__all__ = ['installed_path']


def installed_path(package: str, get_installed_path: Callable[[str], str] = config.get_installed_path) -> str:
    """The folder of a package; for haresreid, the one that holds ``configs/``."""
    return str(CONFIG_ROOT) if package == 'haresreid' else get_installed_path(package)


config.get_installed_path = installed_path

"""Names of a package that are imported when they are first used."""

from collections.abc import Callable
from importlib import import_module

__all__ = ['lazy_names']


def lazy_names(package: str, modules: dict[str, str]) -> tuple[Callable, Callable, list[str]]:
    """``__getattr__``, ``__dir__`` and ``__all__`` of a package whose modules may need what is not installed.

    A model that was exported runs without PyTorch, so the packages that it passes through must not import it.

    Args:
        package (str): The package's ``__name__``.
        modules (dict[str, str]): By name, the package's module that defines it.
    """

    def getattribute(name: str):
        if name not in modules:
            raise AttributeError(f'module {package!r} has no attribute {name!r}')
        return getattr(import_module(f'{package}.{modules[name]}'), name)

    return getattribute, lambda: sorted(modules), sorted(modules)

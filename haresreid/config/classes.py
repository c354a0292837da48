"""The class behind a node of a config, and its parameters."""

import inspect

from mmengine.registry import Registry

from haresreid import registry

__all__ = ['class_of', 'parameters_of']


def class_of(kind: object) -> type | None:
    """The class behind a ``type`` entry, which may be a class or a registered name."""
    if isinstance(kind, type):
        return kind
    if isinstance(kind, str):
        for name in registry.__all__:
            found = getattr(registry, name).get(kind) if isinstance(getattr(registry, name), Registry) else None
            if isinstance(found, type):
                return found
    return None


def parameters_of(target: type) -> dict[str, inspect.Parameter]:
    """The parameters of a class's constructor by name, including its parents' as long as ``**kwargs`` is passed on."""
    found: dict[str, inspect.Parameter] = {}
    for cls in inspect.getmro(target):
        if '__init__' not in vars(cls):
            continue
        parameters = inspect.signature(vars(cls)['__init__']).parameters.values()
        found = {p.name: p for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)} | found
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return {name: parameter for name, parameter in found.items() if name != 'self'}

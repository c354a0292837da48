"""Refusing a config that normalises images otherwise than its pretrained weights want."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from .classes import class_of

__all__ = ['refuse_other_normalization']

PLACES = ('train_dataloader', 'val_dataloader', 'test_dataloader', 'custom_hooks')  # of pipelines that a run reads
REASON = 'other_normalization'  # a text at the top of a config: why it normalises otherwise


def refuse_other_normalization(cfg: Config) -> None:
    """Compare all means and standard deviations in a config with those of the weights that it names.

    A backbone that knows them has a static method ``normalization_of(cfg)``. A config that means to differ says why in
    ``other_normalization``.

    Args:
        cfg (Config): A config with a model.

    Raises:
        ValueError: If a step normalises by other numbers.
    """
    backbone = cfg.model.get('backbone') or {}
    backbone = backbone.get('encoder', backbone)
    kind = class_of(backbone.get('type')) if isinstance(backbone, dict) else None  # else building it will complain
    wanted = kind.normalization_of(backbone) if kind is not None and hasattr(kind, 'normalization_of') else None
    if wanted is None or cfg.get(REASON):
        return
    mean, std = (tuple(numbers) for numbers in wanted)
    for place, found in _normalizing({key: cfg[key] for key in PLACES if key in cfg}):
        if found != (mean, std):
            raise ValueError(
                f'{place} normalises by mean {found[0]} and std {found[1]}, and the weights {backbone.pretrained} want '
                f'mean {mean} and std {std}: normalise so, or say why not at the top of the config, '
                f"{REASON} = '...'"
            )


def _normalizing(node: Any, place: str = '') -> Iterator[tuple[str, tuple[tuple, tuple]]]:
    """Place, mean and std of every step below a node that normalises."""
    if isinstance(node, dict) and 'type' in node and {'mean', 'std'} <= node.keys():
        yield place, (tuple(node['mean']), tuple(node['std']))
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, (list, tuple)) else ()
    for key, value in entries:
        inner = f'{place}[{key}]' if isinstance(node, (list, tuple)) else f'{place}.{key}' if place else str(key)
        yield from _normalizing(value, inner)

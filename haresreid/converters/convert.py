"""Checkpoints of the official code of other methods as haresreid's, and back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from haresreid.config.config import load_config
from haresreid.config.model_parts import model_parts
from haresreid.costs.model_cost import build_on_meta
from haresreid.files.paths import CONFIGS

from .rules import DEEN_REGDB, METHODS, Rules

__all__ = ['Conversion', 'from_official', 'parts_of', 'to_official']

MODEL_CONFIGS = CONFIGS / '_base_/models'
OUR_PARTS = ('generator.', 'backbone.', 'neck.', 'head.', 'criterion.', 'data_preprocessor.')
LOSSES = 'criterion.'
# a vision transformer's file holds one embedding of side information, here of either kind
SIDE, SIDES = 'base.sie_embed', ('backbone.camera_embed', 'backbone.modality_embed')
STRIDES = {129: 16, 211: 12}  # by the number of positions at 256 x 128, the class token's included
COUNTER = 'num_batches_tracked'  # files of PyTorch before 0.4.1 lack it; evaluation does not read it


@dataclass(frozen=True)
class Conversion:
    """A converted state dict, and what became of the parameters.

    Attributes:
        weights (dict[str, Tensor]): The converted state dict.
        num_classes (int): Training identities.
        overrides (dict): What a config must change in the method's own, ``configs/_base_/models/<method>.py``.
        used (dict[str, str]): Every converted parameter: its name before -> its name after.
        dropped (dict[str, str]): Every parameter left out -> the reason.
        missing (dict[str, str]): Every parameter that was not in the file, by its name after -> what it was set to.
    """

    weights: dict[str, Tensor]
    num_classes: int
    overrides: dict
    used: dict[str, str]
    dropped: dict[str, str]
    missing: dict[str, str]


def from_official(method: str, official: Mapping[str, Tensor]) -> Conversion:
    """Convert an official state dict to ours.

    Args:
        method (str): A key of ``METHODS``.
        official (Mapping[str, Tensor]): State dict of the official network.

    Raises:
        ValueError: If it is not a state dict of the method's network.
    """
    rules = _rules(method, official)
    official = {name: _unsqueezed(value) if name in rules.matrices else value for name, value in official.items()}
    if all(name.startswith(OUR_PARTS) for name in official):
        raise ValueError(
            'its parameters have the names of haresreid already, so there is nothing to convert: test it '
            'as it is, or make an official checkpoint of it with --to-official'
        )
    if not all(_has(official, prefix) for prefix in rules.used):
        lacks = [prefix for prefix in rules.used if not _has(official, prefix)]
        raise ValueError(f'it does not hold the network of {rules.title}: it lacks {_shown(lacks)}{_fitting(official)}')
    num_classes, overrides = _variant(method, rules, official)
    ours = _parameters(method, num_classes, overrides)
    theirs = {_renamed(name, rules): name for name in ours}
    unread = (*rules.unused, *rules.unused_shapes)
    dropped = {name: rules.why_unused for name in official if name.startswith(unread)}
    missing = _check(rules, {name: ours[new] for name, new in theirs.items()}, official, dropped)
    weights = {new: official.get(name, torch.tensor(0)) for name, new in theirs.items()}
    used = {name: new for name, new in theirs.items() if name not in missing}
    return Conversion(weights, num_classes, overrides, used, dropped, {theirs[name]: 'zero' for name in missing})


def to_official(method: str, weights: Mapping[str, Tensor]) -> Conversion:
    """Convert one of our state dicts to a complete official one, which loads strictly into the official network.

    Args:
        method (str): A key of ``METHODS``.
        weights (Mapping[str, Tensor]): State dict of our model.

    Raises:
        ValueError: If it is not a state dict of the method's model.
    """
    rules = _rules(method, weights)
    if not all(_has(weights, prefix) for prefix in rules.used.values()):
        lacks = [prefix for prefix in rules.used.values() if not _has(weights, prefix)]
        raise ValueError(
            f'it does not hold the model of {rules.title} (configs/_base_/models/{method}.py): it lacks {_shown(lacks)}'
        )
    num_classes, overrides = _variant(method, rules, {_renamed(name, rules): value for name, value in weights.items()})
    ours = _parameters(method, num_classes, overrides)
    dropped = {name: 'the official network holds no losses' for name in weights if name.startswith(LOSSES)}
    missing = _check(rules, ours, weights, dropped)
    used = {name: _renamed(name, rules) for name in ours if name not in missing}
    official = {_renamed(name, rules): weights.get(name, torch.tensor(0)) for name in ours}
    unread = {
        unread + name.removeprefix(read): name
        for unread, read in rules.unused.items()
        for name in official
        if name.startswith(read)
    }
    official |= {name: official[source] for name, source in unread.items()}
    official |= {name: official[name].flatten(1) for name in rules.matrices}
    official |= {name: torch.zeros(shape) for name, shape in rules.unused_shapes.items()}
    zeros = {name: 'zero' for name in (*(_renamed(name, rules) for name in missing), *rules.unused_shapes)}
    return Conversion(official, num_classes, overrides, used, dropped, zeros | unread)


def parts_of(method: str) -> dict[str, str]:
    """The classes of our model of a method, as a checkpoint of it holds them.

    Args:
        method (str): A key of ``METHODS``.
    """
    return model_parts(load_config(str(MODEL_CONFIGS / f'{method}.py')).model)


def _unsqueezed(value: Tensor) -> Tensor:
    """A matrix as the weight of a point-wise convolution, (D, C) -> (D, C, 1, 1); anything else as it is."""
    return value[..., None, None] if value.ndim == 2 else value


def _has(weights: Mapping[str, Tensor], prefix: str) -> bool:
    return any(name.startswith(prefix) for name in weights)


def _renamed(name: str, rules: Rules) -> str:
    """The official name of one of our parameters; the most specific rule applies."""
    ours = max((prefix for prefix in rules.used.values() if name.startswith(prefix)), key=len, default='')
    return next((theirs for theirs, prefix in rules.used.items() if prefix == ours), '') + name.removeprefix(ours)


def _rules(method: str, weights: Mapping[str, Tensor]) -> Rules:
    """The rules of the method's network that the weights are of.

    DEEN has two networks. An embedding of a vision transformer is one of cameras or, with two entries, of modalities.
    """
    rules = METHODS[method]
    if method == 'deen' and not any(_has(weights, prefix) for prefix in ('MFA3.', 'backbone.aggregations.2.')):
        rules = DEEN_REGDB
    ours = next((side for side in SIDES if side in weights), SIDES[_size(weights, SIDE) == 2])
    return replace(rules, used={**rules.used, SIDE: ours}) if ours in weights or SIDE in weights else rules


def _variant(method: str, rules: Rules, official: Mapping[str, Tensor]) -> tuple[int, dict]:
    """The number of identities, and what else in a network differs from the method's config.

    That may be the width of non-local blocks, a stage less, or a vision transformer's stride and embedding of cameras
    or modalities.
    """
    if rules is DEEN_REGDB:
        return _size(official, rules.classifier), {'model.backbone.expand_after': 2, 'model.head.in_channels': 1024}
    found = {}
    theta = 'NL_2.0.theta.weight'  # (inner, 512, 1, 1): 1 in the older release, 256 in the newer one
    if theta in official:
        found['non_local_channels'] = 1 if _size(official, theta) == 1 else None
    if 'base.pos_embed' in official:
        positions = _size(official, 'base.pos_embed', 1)
        found |= {'stride': STRIDES[positions]} if positions in STRIDES else {}
        counts = dict.fromkeys(SIDES, 0)
        if SIDE in official:
            counts[rules.used[SIDE]] = _size(official, SIDE)
        found['num_cameras'], found['num_modalities'] = counts.values()
    usual = load_config(str(MODEL_CONFIGS / f'{method}.py')).model.backbone if found else {}
    overrides = {f'model.backbone.{key}': value for key, value in found.items() if value != usual[key]}
    return _size(official, rules.classifier), overrides


def _size(weights: Mapping[str, Tensor], name: str, dim: int = 0) -> int:
    """The size of a parameter along a dimension; 0 if there is no such parameter or dimension."""
    shape = weights[name].shape if name in weights else ()
    return shape[dim] if dim < len(shape) else 0


def _parameters(method: str, num_classes: int, overrides: dict) -> dict[str, Tensor]:
    """Our model's parameters, shapes alone, without those of its losses, which no official network holds."""
    cfg = load_config(str(MODEL_CONFIGS / f'{method}.py'), {'model.head.num_classes': num_classes, **overrides})
    return {name: value for name, value in build_on_meta(cfg).state_dict().items() if not name.startswith(LOSSES)}


def _check(
    rules: Rules, expected: Mapping[str, Tensor], given: Mapping[str, Tensor], superfluous: Collection[str]
) -> list[str]:
    """Compare names and shapes. Only counters may be missing; return the missing ones."""
    missing = [name for name in expected if name not in given]
    lacks = [name for name in missing if not name.endswith(COUNTER)]
    unknown = [name for name in given if name not in expected and name not in superfluous]
    reshaped = [
        f'{name} is {tuple(given[name].shape)} and should be {tuple(like.shape)}'
        for name, like in expected.items()
        if name in given and given[name].shape != like.shape
    ]
    problems = [
        f'{what} {_shown(names)}'
        for what, names in (('it lacks', lacks), ('it has', unknown), ('of another shape:', reshaped))
        if names
    ]
    if problems:
        raise ValueError(f'it does not hold the network of {rules.title}: {"; ".join(problems)}')
    return missing


def _fitting(official: Mapping[str, Tensor]) -> str:
    fitting = [
        method
        for method, rules in METHODS.items()
        if all(_has(official, prefix) for prefix in rules.used)
        and all(name.startswith((*rules.used, *rules.unused)) for name in official)
    ]
    return f'; it is one of {" or ".join(fitting)}' if fitting else ''


def _shown(names: list[str]) -> str:
    return ', '.join(names[:3]) + (f' and {len(names) - 3} more' if len(names) > 3 else '')

"""The classes and settings of a model, which tell models apart whose weights have the same names and shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

from .classes import class_of, parameters_of

__all__ = ['model_parts', 'model_settings', 'refuse_other_parts']

TRAINING_ONLY = ('criterion', 'data_preprocessor')
# Arguments without influence on what trained weights compute, and those that are chosen anew for a test.
FREE = {
    'checkpoint_stages',
    'drop_path_rate',
    'drop_rate',
    'dropout',
    'flip_test',
    'img_size',
    'in_place',
    'init_std',
    'network_epochs',
    'non_blocking',
    'num_classes',
    'p',
    'pretrained',
    'pretrained_grid',
    'test_feature',
    'warmup',
}


def model_parts(model: Mapping, place: str = '') -> dict[str, str]:
    """The class of each part that determines a model's features: place, such as ``head.pooling`` -> name of the class.

    Layers from PyTorch, which stand in ``norm_cfg`` and the like, do not count: a batch norm may be a synchronised one.

    Args:
        model (Mapping): The model's config.
        place (str): What the places begin with. Defaults to ''.
    """
    return {
        place: getattr(part['type'], '__name__', str(part['type'])).rpartition('.')[2]
        for place, part in _parts(model, place)
    }


def model_settings(model: Mapping) -> dict[str, Any]:
    """The arguments of these parts, defaults included: place, such as ``backbone.encoder.strides`` -> plain value.

    Those that may change under trained weights are left out, and what is no number, text, or list of such.

    Args:
        model (Mapping): The model's config.
    """
    settings = {}
    for place, part in _parts(model):
        kind = class_of(part['type'])
        for name, parameter in (parameters_of(kind) if kind else {}).items():
            value = part.get(name, parameter.default)
            if name not in FREE and _is_plain(value):
                settings[f'{place}.{name}'] = list(value) if isinstance(value, tuple) else value
    return settings


def _parts(model: Mapping, place: str = '') -> Iterator[tuple[str, Mapping]]:
    for name, part in model.items():
        if isinstance(part, Mapping) and 'type' in part and name not in TRAINING_ONLY and not name.endswith('_cfg'):
            yield place + name, part
            yield from _parts(part, f'{place}{name}.')


def _is_plain(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(type(item) in (bool, int, float, str) for item in value)
    return value is None or type(value) in (bool, int, float, str)


def refuse_other_parts(checkpoint: str, meta: Mapping, model: Mapping) -> None:
    """Refuse a checkpoint of a model of other classes or settings. One that does not say what it is of passes.

    Args:
        checkpoint (str): The file, for the message.
        meta (Mapping): Its ``meta``, with :func:`model_parts` as ``parts`` and :func:`model_settings` as ``settings``.
        model (Mapping): The config of the model that it is loaded into.

    Raises:
        ValueError: If a part is of another class, or only one of the models has it, or an argument of a part differs,
            or ``parts`` or ``settings`` is something else.
    """
    _refuse_other_classes(checkpoint, meta, model)
    theirs, ours = meta.get('settings'), model_settings(model)
    if theirs is None:
        return
    if not isinstance(theirs, Mapping) or not all(map(_is_plain, theirs.values())):
        raise ValueError(f'checkpoint {checkpoint} is damaged: meta.settings is no record of the arguments of a model')
    differing = [place for place in ours if place in theirs and theirs[place] != ours[place]]
    if differing:
        what = ', '.join(f'model.{place}={theirs[place]!r} instead of {ours[place]!r}' for place in differing)
        raise ValueError(
            f'checkpoint {checkpoint} was trained with other settings than those of this config, although its weights '
            f'fit ({what}): use the config it was trained with, which a training leaves beside its checkpoints'
        )


def _refuse_other_classes(checkpoint: str, meta: Mapping, model: Mapping) -> None:
    theirs, ours = meta.get('parts'), model_parts(model)
    if theirs is None or theirs == ours:
        return
    if not isinstance(theirs, Mapping) or not all(isinstance(text, str) for text in (*theirs, *theirs.values())):
        raise ValueError(f'checkpoint {checkpoint} is damaged: meta.parts is no record of the classes of a model')
    differing = [place for place in sorted({*theirs, *ours}) if theirs.get(place) != ours.get(place)]
    what = ', '.join(f'{place} {theirs.get(place, "none")} instead of {ours.get(place, "none")}' for place in differing)
    raise ValueError(
        f'checkpoint {checkpoint} is of another model than this config, although its weights may fit ({what}): use the '
        'config it was trained with, which a training leaves beside its checkpoints'
    )

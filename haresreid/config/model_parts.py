"""The classes that a model is made of, which tell two methods apart whose weights have the same names and shapes."""

from collections.abc import Mapping

__all__ = ['model_parts', 'refuse_other_parts']

TRAINING_ONLY = ('criterion', 'data_preprocessor')


def model_parts(model: Mapping, place: str = '') -> dict[str, str]:
    """The class of each part that determines a model's features: place, such as ``head.pooling`` -> name of the class.

    Layers from PyTorch, which stand in ``norm_cfg`` and the like, do not count: a batch norm may be a synchronised one.

    Args:
        model (Mapping): The model's config.
        place (str): What the places begin with. Defaults to ''.
    """
    parts = {}
    for name, part in model.items():
        if isinstance(part, Mapping) and 'type' in part and name not in TRAINING_ONLY and not name.endswith('_cfg'):
            kind = part['type']
            parts[place + name] = getattr(kind, '__name__', str(kind)).rpartition('.')[2]
            parts |= model_parts(part, f'{place}{name}.')
    return parts


def refuse_other_parts(checkpoint: str, meta: Mapping, model: Mapping) -> None:
    """Refuse a checkpoint of a model of other classes. One that does not say what it is of passes.

    Args:
        checkpoint (str): The file, for the message.
        meta (Mapping): Its ``meta``, with :func:`model_parts` as ``parts``.
        model (Mapping): The config of the model that it is loaded into.

    Raises:
        ValueError: If a part is of another class, or only one of the models has it, or ``parts`` is something else.
    """
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

"""The model of an index: which one computed its features, and which one may be loaded on the index's word."""

import os
from pathlib import Path, PurePath

from haresreid.apis.model_names import shipped_models
from haresreid.files.files import file_hash
from haresreid.files.printable import printable

__all__ = ['index_model']


def index_model(
    folder: str | Path, known: dict, model: str | None = None, weights: str | None = None
) -> tuple[str, dict]:
    """Decide which model to run, and what the index stores about it.

    An index may come from anybody, and a config is code. An index can therefore only name a model that ships with
    haresreid, or an ``.onnx`` file in its own folder or beside it. The user must give any other model each time.

    Args:
        folder (str | Path): Folder of the index.
        known (dict): What the index stores about its model; {} for a new index.
        model (str, optional): The user's choice: a model, a config, or an ``.onnx`` file. Defaults to None, the model
            of the index.
        weights (str, optional): The user's weights for a config. Defaults to None, the weights that ship.

    Returns:
        tuple[str, dict]: A name or path, and ``model``, ``weights`` and ``hash``: names without their folders, and the
        hash of the file with the weights.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the user must name the model, or has named another one than that of the index.
    """
    if weights and not model:
        raise ValueError(f'--weights {weights} are of a model: name it with --model')
    model = model or _taken_from(folder, known)
    file = weights or (model if model.endswith('.onnx') else None)  # what holds the weights
    if file and not Path(file).is_file():
        raise FileNotFoundError(f'there are no weights {file}')
    is_file = model.endswith(('.onnx', '.py'))
    info = dict(
        model=PurePath(model).name if is_file else model,
        weights=weights and PurePath(weights).name,
        hash=file and file_hash(file),
    )
    if 'model' in known and not _same(known, info):
        raise ValueError(
            f'{folder} holds features of {_name(known)}, which cannot be compared with those of {_name(info)}'
        )
    return model, info


def _taken_from(folder: str | Path, known: dict) -> str:
    model = known.get('model')
    if model is None:
        raise ValueError(
            'say with --model which model computes the features'
            + (f': {folder} was made from features, not from images' if known else '')
        )
    if known.get('weights') is None and model in shipped_models():
        return model
    if not str(model).endswith('.onnx'):
        raise ValueError(
            f'{folder} was made with {_name(known)}, which does not ship with haresreid; since a config '
            'is code and an index may come from anybody, name it again with --model'
            f'{" and --weights" if known.get("weights") else ""}'
        )
    name = PurePath(str(model)).name  # release 0.1 kept whole paths
    for place in (Path(folder), Path(os.path.abspath(folder)).parent):
        if (place / name).is_file() and not (place / name).is_symlink():
            return str(place / name)
    raise ValueError(
        f'{folder} was made with {printable(name)}, and no such file lies in it or beside it: say with '
        '--model where it is'
    )


def _same(known: dict, info: dict) -> bool:
    """Whether both describe the same model. Release 0.1 stored whole paths, and no hash of an ``.onnx`` file."""
    unknown = known.get('hash') is None and info['model'].endswith('.onnx')
    return PurePath(str(known['model'])).name == info['model'] and (unknown or known.get('hash') == info['hash'])


def _name(info: dict) -> str:
    model, weights = (PurePath(str(info[key])).name if info.get(key) else None for key in ('model', 'weights'))
    return printable(f'{model} with ' + (f'{weights} ({info.get("hash")})' if weights else 'its own weights'))

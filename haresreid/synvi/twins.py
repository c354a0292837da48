"""People who differ only in the order of the bands on their cloaks: those of the level 'context'."""

from itertools import permutations

import numpy as np

from .identity import Identity, draw_identity
from .materials import Band, Part
from .streams import Stream, random_stream

__all__ = ['NUM_TWINS', 'draw_twin']

_BANDS = (
    Band('plain', 1.0, 0.0),
    Band('hstripe', 2.0, 1.0),  # one broad line
    Band('hstripe', 3.0, 0.5),  # two thin lines
    Band('vstripe', 7.0, 0.5),  # bars
    Band('vstripe', 2.4, 0.5),  # blocks
    Band('check', 2.0, 0.5),
)
_ORDERS = tuple(permutations(_BANDS))
NUM_TWINS = len(_ORDERS)
"""How many different people a seed has."""

# what is light to the eye is dark in near-infrared
_VISIBLE = np.array([[0.08, 0.13, 0.45], [0.75, 0.62, 0.10]], np.float32)
_NIR = (0.65, 0.15)


def draw_twin(seed: int, pid: int) -> Identity:
    """Draw the person ``pid``, 1 to :data:`NUM_TWINS`. People of one seed differ only in the bands of their cloaks.

    Every cloak has the same bands, separated by gaps, in its own order. A patch no higher than a gap therefore looks
    the same on all cloaks, and occurs equally often. The cloak is as wide at the shins as at the shoulders and covers
    the arms, so nothing beside a band reveals its height. The order from top to bottom is the same from all directions
    and in a mirror.
    """
    order = random_stream(seed, Stream.ORDER).permutation(NUM_TWINS)[pid - 1]
    everybody = draw_identity(seed, 0)  # people are numbered from 1
    cloak = everybody.materials[Part.UPPER]._replace(pattern='bands', bands=_ORDERS[order], visible=_VISIBLE, nir=_NIR)
    return everybody._replace(
        build=1.0,
        shoulder=0.118,
        hip=0.088,
        depth=0.066,
        stride=0.15,
        hair='short',
        hat='none',
        upper='cloak',
        hem=0.37,
        flare=0.3,
        lower='slim',
        bag='none',
        materials={**everybody.materials, Part.UPPER: cloak},
    )

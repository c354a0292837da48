"""What a SynVI set is made of: the spec that names one set, and the levels."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

from haresreid.catalogue import CATALOGUE, LAYOUTS

from .identity import Identity, draw_identity
from .twins import NUM_TWINS, draw_twin

__all__ = ['GENERATOR_VERSION', 'LAYOUTS', 'LEVELS', 'Level', 'SynVISpec']

GENERATOR_VERSION = 'synvi-1'
"""Raised whenever the same spec would give other images."""


class Level(NamedTuple):
    """A difficulty level: which people there are, and how hard the images are.

    Attributes:
        noise: Factor on the sensor noise.
        blur: Factor on the optical blur.
        occlusion: Factor on the probability of an occluder.
        resolution: Lower bound of the effective resolution, as a fraction of the image size.
        camera_yaw: Standard deviation of a camera's base direction in rad; None draws it from the whole circle.
        views: Directions in rad in which a person is seen, relative to the camera's base direction.
        view_probs: Probability of each direction.
        draw_person: Function that draws a person from the seed and the person's number, which starts at 1.
        max_ids: Number of different people.
    """

    noise: float
    blur: float
    occlusion: float
    resolution: float
    camera_yaw: float | None
    views: tuple[float, ...]
    view_probs: tuple[float, ...]
    draw_person: Callable[[int, int], Identity] = draw_identity
    max_ids: int = 9999


_QUARTER = 1.5707963
LEVELS = {
    'easy': Level(0.5, 0.6, 0.3, 0.85, 0.35, (0.0, 0.6, -0.6, 2 * _QUARTER), (0.5, 0.2, 0.2, 0.1)),
    'standard': Level(1.0, 1.0, 1.0, 0.55, None, (0.0, _QUARTER, 2 * _QUARTER, -_QUARTER), (0.35, 0.20, 0.25, 0.20)),
}
LEVELS['context'] = LEVELS['easy']._replace(draw_person=draw_twin, max_ids=NUM_TWINS)


@dataclass(frozen=True)
class SynVISpec:
    """One SynVI set: the same spec gives the same images, on any machine and with any number of workers.

    Args:
        layout: Folder layout that is written: 'sysu' (near-infrared), 'regdb' (thermal) or 'llcm' (low light); of
            tracks 'vcm' (a camera's spectra at different times) or 'bupt' (both at once).
        level: 'easy', 'standard' or 'context', where only the order of bands tells people apart. Defaults to 'easy'.
        num_ids: Number of (train, validation, test) identities. RegDB splits its people half and half, ten times:
            train + validation must then equal test. Defaults to (60, 0, 60).
        images_per_camera: Images of each person in each camera, or walks, if the layout is one of tracks. Defaults to
            2; the real RegDB has 10.
        size: Image (height, width) in pixels. Defaults to (128, 64).
        seed: Seed of every draw. Defaults to 0.
        frames: Frames of a walk, in a layout of tracks. Defaults to 12 there, and to None elsewhere. HITSZ-VCM's
            readers leave out shorter tracks, so 'vcm' takes no fewer.

    Raises:
        ValueError: If a field is out of range.
    """

    layout: str = 'sysu'
    level: str = 'easy'
    num_ids: tuple[int, int, int] = (60, 0, 60)
    images_per_camera: int = 2
    size: tuple[int, int] = (128, 64)
    seed: int = 0
    frames: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, 'num_ids', tuple(self.num_ids))
        object.__setattr__(self, 'size', tuple(self.size))
        if self.layout not in LAYOUTS:
            raise ValueError(f'SynVI has no layout {self.layout!r}; choose one of {", ".join(LAYOUTS)}.')
        if self.level not in LEVELS:
            raise ValueError(f'SynVI has no level {self.level!r}; choose one of {", ".join(LEVELS)}.')
        max_ids = LEVELS[self.level].max_ids
        if len(self.num_ids) != 3 or min(self.num_ids) < 0 or not 0 < sum(self.num_ids) <= max_ids:
            raise ValueError(
                f'num_ids must be (train, val, test) with a sum of 1 to {max_ids} at the level '
                f'{self.level!r}, got {self.num_ids}.'
            )
        if self.layout == 'regdb' and self.level == 'context':
            raise ValueError(
                "The level 'context' needs patterns; the thermal camera of the RegDB layout sees none. "
                "Choose the layout 'sysu' or 'llcm'."
            )
        train, val, test = self.num_ids
        if self.layout == 'regdb' and train + val != test:
            raise ValueError(
                'The RegDB layout splits its people half and half, so train + val must equal test; '
                f'got num_ids={self.num_ids}.'
            )
        if not 0 < self.images_per_camera < 1000:
            raise ValueError(f'images_per_camera must be 1 to 999, got {self.images_per_camera}.')
        if len(self.size) != 2 or self.size[0] < 32 or self.size[1] < 16:
            raise ValueError(f'size must be (height, width) of at least (32, 16) pixels, got {self.size}.')
        if not CATALOGUE[self.layout].tracks and self.frames is not None:
            raise ValueError(
                f"The layout {self.layout!r} holds single images: leave frames out, or choose the layout 'vcm' or "
                "'bupt'."
            )
        if CATALOGUE[self.layout].tracks and self.frames is None:
            object.__setattr__(self, 'frames', 12)
        fewest = 12 if self.layout == 'vcm' else 1
        if self.frames is not None and not fewest <= self.frames < 1000:
            raise ValueError(f'frames must be {fewest} to 999 in the layout {self.layout!r}, got {self.frames}.')
        if self.seed < 0:
            raise ValueError(f'seed must not be negative, got {self.seed}.')

    def to_dict(self) -> dict:
        """The spec and the generator version as JSON-ready values: what a finished set's ``synvi.json`` holds."""
        fields = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}
        if self.frames is None:
            del fields['frames']
        return dict(generator=GENERATOR_VERSION, **fields)

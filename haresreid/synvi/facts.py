"""What is known of SynVI's images without looking at them, because they were drawn by it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from haresreid.files.text_files import read_json

from .image_draw import draw_image
from .layouts import person_images
from .materials import Part
from .spec import GENERATOR_VERSION, LEVELS, SynVISpec
from .writer import MARKER

__all__ = ['ImageFacts', 'image_facts', 'spec_of']


class ImageFacts(NamedTuple):
    """The facts of one image.

    Attributes:
        height: The person's, as a fraction of the image's.
        direction: 'front', 'side' or 'back': what the camera sees of the person.
        occluded: Whether something stands before the person.
        clothes: (4,) near-infrared reflectance of the two tones of the upper and of the lower garment.
    """

    height: float
    direction: str
    occluded: bool
    clothes: np.ndarray


def spec_of(path: str | Path) -> tuple[Path, SynVISpec] | None:
    """The folder of the SynVI set that an image lies in, and its spec; None if it lies in none of this generator."""
    for folder in Path(path).absolute().parents:
        if (folder / MARKER).is_file():
            content = read_json(folder / MARKER)
            if content.pop('generator', None) != GENERATOR_VERSION:
                return None
            return folder, SynVISpec(**content)
    return None


def image_facts(paths: Sequence[str]) -> list[ImageFacts] | None:
    """The facts of images of one SynVI set, in their order; None if they are not all of one."""
    found = spec_of(paths[0]) if len(paths) else None
    if found is None:
        return None
    root, spec = found
    facts: dict[Path, ImageFacts] = {}
    for pid in range(1, sum(spec.num_ids) + 1):
        person = LEVELS[spec.level].draw_person(spec.seed, pid)
        clothes = np.array([*person.materials[Part.UPPER].nir, *person.materials[Part.LOWER].nir])
        for image in person_images(spec, pid):
            drawn = draw_image(spec.seed, pid, person, image.camera, image.number, spec.size, image.walk)
            height = drawn.view.scale / len(drawn.background)
            facts[root / image.path] = ImageFacts(
                height, _direction(drawn.view.yaw), drawn.occluder is not None, clothes
            )
    absolute = [Path(path).absolute() for path in paths]
    return [facts[path] for path in absolute] if all(path in facts for path in absolute) else None


def _direction(yaw: float) -> str:
    facing = np.cos(yaw)
    return 'front' if facing > 0.5 else 'back' if facing < -0.5 else 'side'
